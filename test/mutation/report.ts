import type { Mutant } from './mutants.js';

export interface Verdict {
  readonly mutant: Mutant;
  readonly outcome: 'killed' | 'timed out' | 'survived' | 'equivalent';
}

/** The least share of mutants, in percent, that tests must notice. */
const LEAST = { auth: 90, others: 85 };

/** Prints a mutant that no test noticed. */
export function printSurvivor({ file, line, what }: Mutant): void {
  print(`\n${file}:${line}  ${what}`);
}

/**
 * Prints a table by file.
 *
 * @returns the exit code: 1 if too many survived.
 */
export function report(verdicts: readonly Verdict[]): number {
  print('');
  const files = [...new Set(verdicts.map(({ mutant }) => mutant.file))].toSorted();
  const width = Math.max(...files.map((file) => file.length), 'auth and digest'.length);
  print(`${'file'.padEnd(width)}  mutants  killed  timed out  survived  equivalent  score`);
  for (const file of files) print(rowOf(file.padEnd(width), verdictsOf(verdicts, file)));
  const auth = [...verdictsOf(verdicts, 'src/auth/'), ...verdictsOf(verdicts, 'src/digest/')];
  const others = verdicts.filter((verdict) => !auth.includes(verdict));
  print(rowOf('auth and digest'.padEnd(width), auth));
  print(rowOf('others'.padEnd(width), others));
  return scoreOf(auth) >= LEAST.auth && scoreOf(others) >= LEAST.others ? 0 : 1;
}

function verdictsOf(verdicts: readonly Verdict[], path: string): Verdict[] {
  return verdicts.filter(({ mutant }) => mutant.file.startsWith(path));
}

function count(verdicts: readonly Verdict[], wanted: Verdict['outcome']): number {
  return verdicts.filter(({ outcome }) => outcome === wanted).length;
}

function scoreOf(verdicts: readonly Verdict[]): number {
  const most = verdicts.length - count(verdicts, 'equivalent');
  return most === 0 ? 100 : (100 * (count(verdicts, 'killed') + count(verdicts, 'timed out'))) / most;
}

function rowOf(name: string, verdicts: readonly Verdict[]): string {
  const cells: [number, number][] = [
    [verdicts.length, 7],
    [count(verdicts, 'killed'), 6],
    [count(verdicts, 'timed out'), 9],
    [count(verdicts, 'survived'), 8],
    [count(verdicts, 'equivalent'), 10],
  ];
  return [
    name,
    ...cells.map(([value, width]) => String(value).padStart(width)),
    `${scoreOf(verdicts).toFixed(1)} %`,
  ].join('  ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
