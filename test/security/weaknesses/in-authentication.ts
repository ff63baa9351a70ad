import type { Weakness } from './weakness.js';

const DIGEST = 'src/auth/digest.service.ts';
const CREDENTIALS = 'src/auth/credentials.service.ts';
const NONCE_STORE = 'src/auth/nonces/database-nonce-store.ts';

/** Weaknesses in authentication and authorisation. */
export const IN_AUTHENTICATION: readonly Weakness[] = [
  {
    name: 'the opaque of a challenge is APP_KEY in base64',
    edits: [
      {
        file: DIGEST,
        find: "this.opaque = deriveKey(settings.appKey, 'digest opaque').toString('hex').slice(0, 32);",
        instead: "this.opaque = Buffer.from(settings.appKey).toString('base64');",
      },
    ],
    caughtBy: { file: 'test/auth/digest.e2e-spec.ts', test: 'shows nothing of the key of the deployment' },
  },
  {
    name: 'the uri of a Digest answer is not checked',
    edits: [{ file: DIGEST, find: 'this.isTargetOf(answer.uri, request)', instead: 'answer.uri.length > 0' }],
    caughtBy: { file: 'test/auth/digest.e2e-spec.ts', test: 'with another uri' },
  },
  {
    name: 'the uri of a Digest answer may be that of another host',
    edits: [
      {
        file: DIGEST,
        find: 'return !isOtherHost && ',
        instead: 'return ',
      },
    ],
    caughtBy: { file: 'test/auth/digest.e2e-spec.ts', test: 'with the uri of another host' },
  },
  {
    name: 'the realm of a Digest answer is not checked',
    edits: [{ file: DIGEST, find: 'answer.realm === this.settings.realmOf(account) &&', instead: '' }],
    caughtBy: { file: 'test/auth/digest.e2e-spec.ts', test: 'with another realm' },
  },
  {
    name: 'the nonce count is raised by one, whatever the client counts',
    edits: [
      {
        file: NONCE_STORE,
        find: `nc = MAX(nc, excluded.nc)
    WHERE excluded.nc > nc OR (nc - excluded.nc < 64 AND COALESCE(nc_window, 0) & (1 << (nc - excluded.nc)) = 0)`,
        instead: 'nc = nc + 1',
      },
    ],
    caughtBy: {
      file: 'test/auth/replay.e2e-spec.ts',
      test: 'is refused as replayed, and stale, when a count comes again',
    },
  },
  {
    name: 'a nonce count is written, and taken whether it was new or not',
    edits: [{ file: NONCE_STORE, find: 'return affected > 0;', instead: 'return affected >= 0;' }],
    caughtBy: { file: 'test/auth/replay.e2e-spec.ts', test: 'moves its window exactly' },
  },
  {
    name: 'a nonce count is looked up before it is written, so that copies at the same moment pass',
    edits: [
      {
        file: NONCE_STORE,
        find: `    const affected = await this.transactions.affectedBy(SPEND[this.transactions.dialect], parameters);
    return affected > 0;`,
        instead: `    const seen: unknown[] = await this.dataSource.query(
      'SELECT nc FROM nonces WHERE nonce = ? AND nc >= ? AND (nc > ? + 63 OR ((nc_window >> (nc - ?)) & 1) = 1)',
      [nonce, count, count, count],
    );
    await this.transactions.affectedBy(SPEND[this.transactions.dialect], parameters);
    return seen.length === 0;`,
      },
    ],
    caughtBy: { file: 'test/auth/replay.e2e-spec.ts', test: 'takes one of 40 copies sent at once' },
    database: 'mariadb',
  },
  {
    name: 'a nonce made for one account is good for all',
    edits: [
      { file: 'src/auth/nonces/signed-nonces.ts', find: '.update(`${accountId}:${realm}`)', instead: '.update(realm)' },
    ],
    caughtBy: { file: 'test/auth/digest.e2e-spec.ts', test: 'of another account is invalid' },
  },
  {
    name: 'an API key is compared without regard to case',
    edits: [
      {
        file: CREDENTIALS,
        find: "secretsEqual(stored ?? '', sent)",
        instead: "secretsEqual((stored ?? '').toLowerCase(), sent.toLowerCase())",
      },
    ],
    caughtBy: { file: 'test/auth/api-keys.e2e-spec.ts', test: 'is taken byte for byte' },
  },
  {
    name: 'an API key is looked up by itself, whatever account From names',
    edits: [
      {
        file: CREDENTIALS,
        find: 'else if (!isRightKey(String(key), apiKey)) throw this.refuseKey(account, request);',
        instead: `else {
      const all = await this.accounts.page(1_000, { firstId: 0, skip: 0 });
      const logins = await Promise.all(all.map((one) => this.accounts.findForLogin(one)));
      if (!logins.some((login) => isRightKey(String(key), login?.apiKey ?? null))) throw this.refuseKey(account, request);
      void apiKey;
    }`,
      },
    ],
    caughtBy: { file: 'test/access.e2e-spec.ts', test: 'accepts an API key for its own account only' },
  },
  {
    name: 'an empty API key is none, and Digest is tried',
    edits: [{ file: CREDENTIALS, find: 'if (key === undefined)', instead: 'if (!key)' }],
    caughtBy: { file: 'test/auth/digest.e2e-spec.ts', test: 'beside a wrong or empty key: there is no falling back' },
  },
  {
    name: 'From finds the account that the collation of the database takes for it',
    edits: [
      {
        file: 'src/directory/account-lookup.service.ts',
        find: 'rows.filter((row) => row.username === username && row.domain === domain)',
        instead: 'rows',
      },
    ],
    caughtBy: { file: 'test/auth/from.e2e-spec.ts', test: 'is another account as sip:Alice+1@sip.example.org' },
    database: 'mariadb',
  },
  {
    name: 'whether the account is activated is asked of callers with a key alone',
    edits: [
      {
        file: 'src/auth/guards/activated.guard.ts',
        find: 'if (!caller.account.activated)',
        instead: "if (caller.method === 'api-key' && !caller.account.activated)",
      },
    ],
    caughtBy: { file: 'test/access.e2e-spec.ts', test: 'refuses an account that is not activated' },
  },
  {
    name: 'one route of administrators is open to every account',
    edits: [
      {
        file: 'src/admin/account-states.controller.ts',
        find: "@Access('admin', { parameters: true, errors: [new PreconditionFailed()] })\n  async deactivateByGet(",
        instead: "@Access('user', { parameters: true, errors: [new PreconditionFailed()] })\n  async deactivateByGet(",
      },
    ],
    caughtBy: { file: 'test/access.spec.ts', test: 'is the one that was accepted' },
  },
  {
    name: 'the guard lets every account pass to the routes of administrators',
    edits: [
      {
        file: 'src/auth/guards/admin.guard.ts',
        find: "if (!permissions.has('manage-accounts')) throw new AdminRequired();",
        instead: 'if (permissions.size > 1) throw new AdminRequired();',
      },
    ],
    caughtBy: {
      file: 'test/access.e2e-spec.ts',
      test: 'GET /api/accounts/:id/deactivate refuses a user who is not an administrator',
    },
  },
];
