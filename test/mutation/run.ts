import { cpus } from 'node:os';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, PlantedTree } from '../support/planted/planted-tree.js';
import { hasMariadb, startMariadb } from '../support/planted/servers.js';
import { Excuses } from './equivalent.js';
import { isReadable, type Mutant, mutantsOf } from './mutants.js';
import { printSurvivor, report, type Verdict } from './report.js';
import { type Target, TARGETS } from './targets.js';

/** Seconds that all tests of a target may take, on a machine that does other work too. */
const LIMIT = 120;

const ROOT = process.cwd();

interface Job {
  readonly mutant: Mutant;
  readonly target: Target;
  readonly isEquivalent: boolean;
}

/**
 * Mutation testing: plants one small mistake at a time and tells which of them no test notices.
 *
 *     npm run test:mutation                         everything
 *     npm run test:mutation -- src/digest           files below a path
 *     npm run test:mutation -- src/auth/digest.service.ts:72
 */
async function main(words: readonly string[]): Promise<number> {
  const targets = TARGETS.filter(({ files }) => files.some((file) => isAsked(words, file)));
  const server = targets.some(({ databases = [] }) => databases.includes('mariadb')) ? await startMariadb() : null;
  const trees = Array.from({ length: Math.min(cpus().length, 2) }, () => PlantedTree.create(ROOT));
  try {
    const environment = server?.environment ?? {};
    await requireGreen(trees[0] as PlantedTree, targets, environment);
    const jobs = targets.flatMap((target) =>
      target.files.filter((file) => isAsked(words, file)).flatMap((file) => jobsOf(target, file)),
    );
    const asked = jobs.filter(({ mutant }) => isAsked(words, mutant.file, mutant.line));
    const verdicts: Verdict[] = [];
    const queue = [...asked];
    // What was judged so far is reported, and nothing is left behind.
    process.once('SIGINT', () => {
      queue.length = 0;
      for (const tree of trees) tree.stop();
    });
    const work = async (tree: PlantedTree) => {
      for (let job = queue.shift(); job; job = queue.shift()) {
        const verdict = await judge(tree, job, environment);
        verdicts.push(verdict);
        if (verdict.outcome === 'survived') printSurvivor(verdict.mutant);
        process.stderr.write(`\r${verdicts.length} of ${asked.length} mutants `);
      }
    };
    await Promise.all(trees.map(work));
    process.stderr.write('\n');
    return report(verdicts);
  } finally {
    for (const tree of trees) tree.remove();
    await server?.stop();
  }
}

/** Whether a file, or a line of it, is among those named on the command line, if any are. */
function isAsked(words: readonly string[], file: string, line?: number): boolean {
  return (
    words.length === 0 ||
    words.some((word) => {
      const [path = '', only] = word.split(':', 2);
      return file.startsWith(path) && (line === undefined || only === undefined || Number(only) === line);
    })
  );
}

function jobsOf(target: Target, file: string): Job[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const excuses = new Excuses(file, source);
  return mutantsOf(file, source)
    .filter((mutant) => isReadable(mutant, source))
    .map((mutant) => ({ mutant, target, isEquivalent: excuses.of(mutant) !== undefined }));
}

async function judge(
  tree: PlantedTree,
  { mutant, target, isEquivalent }: Job,
  environment: Record<string, string>,
): Promise<Verdict> {
  if (isEquivalent) return { mutant, outcome: 'equivalent' };
  return tree.with([mutant], async () => {
    for (const database of databasesOf(target)) {
      const { outcome } = await tree.test(target.tests, database, LIMIT, environment);
      if (outcome !== 'passed') return { mutant, outcome: outcome === 'failed' ? 'killed' : outcome };
    }
    return { mutant, outcome: 'survived' };
  });
}

function databasesOf({ databases = ['sqlite'] }: Target): readonly Database[] {
  return databases.filter((database) => database === 'sqlite' || hasMariadb());
}

/** Tests that fail by themselves would notice every mutant. */
async function requireGreen(
  tree: PlantedTree,
  targets: readonly Target[],
  environment: Record<string, string>,
): Promise<void> {
  for (const database of ['sqlite', 'mariadb'] as const) {
    const tests = new Set(
      targets.filter((target) => databasesOf(target).includes(database)).flatMap((target) => target.tests),
    );
    if (tests.size === 0) continue;
    const { outcome, failures } = await tree.test([...tests], database, LIMIT * 5, environment);
    if (outcome !== 'passed') throw new Error(`without any mutant, on ${database}: ${outcome} ${failures.join('; ')}`);
  }
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 2;
  },
);
