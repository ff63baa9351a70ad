import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlantedTree } from '../../support/planted/planted-tree.js';
import { hasMariadb, type Server, startMariadb } from '../../support/planted/servers.js';
import { locate, type Weakness } from './weakness.js';
import { WEAKNESSES } from './weaknesses.js';

/** Seconds that a test file may take. */
const LIMIT = 180;

const ROOT = process.cwd();

interface Finding {
  readonly weakness: Weakness;
  readonly verdict: 'caught' | 'NOT CAUGHT' | 'not tried: no MariaDB';
  /** The names of the tests that failed. */
  readonly failures: readonly string[];
}

/**
 * Plants each weakness in a copy of the repository and runs the test file that must catch it.
 *
 *     npm run test:weaknesses             all
 *     npm run test:weaknesses -- opaque   those whose name has a word
 */
async function main([word = '']: readonly string[]): Promise<number> {
  const asked = WEAKNESSES.filter(({ name }) => name.includes(word));
  const server = asked.some(({ database }) => database === 'mariadb') ? await startMariadb() : null;
  const tree = PlantedTree.create(ROOT);
  const findings: Finding[] = [];
  try {
    // The results so far are reported, and nothing is left behind.
    process.once('SIGINT', () => {
      asked.length = 0;
      tree.stop();
    });
    await requireGreen(tree, asked, server);
    for (const weakness of asked) {
      const finding = await tryOut(tree, weakness, server);
      findings.push(finding);
      print(finding);
    }
  } finally {
    tree.remove();
    await server?.stop();
  }
  const caught = findings.filter(({ verdict }) => verdict === 'caught').length;
  process.stdout.write(`\n${caught} of ${findings.length} weaknesses are caught\n`);
  return findings.some(({ verdict }) => verdict === 'NOT CAUGHT') ? 1 : 0;
}

async function tryOut(tree: PlantedTree, weakness: Weakness, server: Server | null): Promise<Finding> {
  const { edits, caughtBy, database = 'sqlite' } = weakness;
  if (database === 'mariadb' && !hasMariadb()) return { weakness, verdict: 'not tried: no MariaDB', failures: [] };
  const changes = edits.map((edit) => locate(edit, readFileSync(join(ROOT, edit.file), 'utf8')));
  const { failures } = await tree.with(changes, () => tree.test([caughtBy.file], database, LIMIT, server?.environment));
  const isCaught = failures.some((name) => name.includes(caughtBy.test));
  return { weakness, verdict: isCaught ? 'caught' : 'NOT CAUGHT', failures };
}

/** Checks that the tests pass without a weakness: a failing test would seem to catch everything. */
async function requireGreen(tree: PlantedTree, asked: readonly Weakness[], server: Server | null): Promise<void> {
  for (const database of hasMariadb() ? (['sqlite', 'mariadb'] as const) : (['sqlite'] as const)) {
    const files = new Set(
      asked.filter((weakness) => (weakness.database ?? 'sqlite') === database).map(({ caughtBy }) => caughtBy.file),
    );
    if (files.size === 0) continue;
    const { outcome, failures } = await tree.test([...files], database, LIMIT * files.size, server?.environment);
    if (outcome !== 'passed')
      throw new Error(`without any weakness, on ${database}: ${outcome} ${failures.join('; ')}`);
  }
}

function print({ weakness, verdict, failures }: Finding): void {
  const { file, test } = weakness.caughtBy;
  const named = failures.find((name) => name.includes(test)) ?? test;
  const others = verdict === 'caught' && failures.length > 1 ? `, and ${failures.length - 1} more` : '';
  const instead = verdict === 'NOT CAUGHT' && failures.length > 0 ? `; what failed: ${failures.join('; ')}` : '';
  process.stdout.write(`${verdict.padEnd(10)}  ${weakness.name}\n            ${file}: ${named}${others}${instead}\n`);
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 2;
  },
);
