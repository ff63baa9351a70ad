import { execFile } from 'node:child_process';
import { join } from 'node:path';

const BUILT = join(__dirname, '../../dist/src/push/run-program.js');

/** Takes every descriptor there is, runs a program, and gives the descriptors back. */
const SCRIPT = `
  const { openSync, closeSync } = require('node:fs');
  const { runProgram } = require(process.argv[1]);
  const taken = [];
  try { for (;;) taken.push(openSync('/dev/null', 'r')); } catch {}
  const outcome = runProgram('a program', '/bin/true', [], new AbortController().signal);
  for (const descriptor of taken) closeSync(descriptor);
  outcome.then(() => console.log('it ran'), (error) => console.log(error.message));
`;

describe('A process that has no descriptor left', () => {
  it('lives on when it cannot start a program, and says why', async () => {
    const limited = ['-c', 'ulimit -n 64; exec "$0" --eval "$1" "$2"', process.execPath, SCRIPT, BUILT];
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
      execFile('/bin/sh', limited, (_error, out, err) => resolve({ stdout: out, stderr: err }));
    });
    expect(stderr).toBe('');
    expect(stdout).toBe('a program: cannot be started, EMFILE\n');
  });
});
