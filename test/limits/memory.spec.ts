import { join } from 'node:path';
import { runNode, SERVICE } from '../support/cli.js';

/** Stores whose keys are chosen by strangers or hostile accounts, in a process with a small heap. */
const FLOOD = `
const dist = process.argv[1];
const { LocalCounters } = require(dist + '/limits/counters.js');
const { KnownSources } = require(dist + '/limits/known-sources.js');
const { MemoryNonceStore } = require(dist + '/auth/nonces/memory-nonce-store.js');
const { limitNames } = require(dist + '/config/groups/limits.js');
const { Logger } = require('@nestjs/common');
const { createHash } = require('node:crypto');

const KEYS = 150_000;
const key = (index) => createHash('sha256').update(String(index)).digest('base64url');
const megabytes = () => (gc(), process.memoryUsage().heapUsed / 1e6);

(async () => {
  Logger.overrideLogger(false);
  const counters = new LocalCounters();
  const known = new KnownSources(null);
  const nonces = new MemoryNonceStore(86_400, new Date(0));
  const before = megabytes();
  for (let index = 0; index < KEYS; index += 1) {
    // Of one limit all of them; of each of the others more than there is room for.
    for (const limit of index < 12_000 ? limitNames : ['failedLogins']) await counters.add(limit, key(index), 1);
    await known.remember('account ' + (index % 5_000), 'source ' + index);
    await nonces.spend({ accountId: 1, nonce: key(index).repeat(2).slice(0, 70), madeAt: index + 1, count: 1 }, new Date(index + 1));
  }
  console.log(JSON.stringify({ before, after: megabytes() }));
  // They are there until the end.
  await Promise.all([counters.read('info', key(0)), known.knows('account 1', 'source 1'), nonces.spend({ nonce: '', madeAt: 0, count: 1 }, new Date())]);
})();
`;

jest.setTimeout(300_000);

describe('Memory whose keys strangers choose', () => {
  it('fits into a heap of 192 MB, with 150,000 keys', async () => {
    const dist = join(SERVICE, '..');
    const { code, stdout, stderr } = await runNode(
      ['--max-old-space-size=192', '--expose-gc', '--eval', FLOOD, dist],
      {},
      dist,
    );
    expect({ code, stderr: stderr.slice(0, 500) }).toEqual({ code: 0, stderr: '' });
    const { before, after } = JSON.parse(stdout) as { before: number; after: number };
    expect(after - before).toBeLessThan(75);
  });
});
