import type { Weakness } from './weakness.js';

const ACTIVATION = 'src/accounts/activation.service.ts';
const TOKENS = 'src/tokens/tokens.repository.ts';
const VERIFICATION = 'src/verification/verification.service.ts';
const ADMIN = 'src/admin/admin.controller.ts';

/** Weaknesses in the checks of secrets that grant a right, and in the data that an account shows. */
export const IN_ACCOUNTS: readonly Weakness[] = [
  {
    name: 'an activation code is compared as a number where it looks like one',
    edits: [
      {
        file: ACTIVATION,
        find: '&& secretsEqual(confirmationKey, code)',
        instead: '&& (secretsEqual(confirmationKey, code) || Number(confirmationKey) === Number(code))',
      },
      {
        file: VERIFICATION,
        find: 'if (!secretsEqual(stored, storedForm(storedAs, guess)))',
        instead: 'if (!secretsEqual(stored, storedForm(storedAs, guess)) && Number(stored) !== Number(guess))',
      },
    ],
    caughtBy: { file: 'test/accounts/activate.e2e-spec.ts', test: 'a code that is the right one as a number only' },
  },
  {
    name: 'an activation code is compared without regard to case, as a collation does',
    edits: [
      {
        file: ACTIVATION,
        find: '&& secretsEqual(confirmationKey, code)',
        instead: '&& secretsEqual(confirmationKey.toLowerCase(), code.toLowerCase())',
      },
      {
        file: VERIFICATION,
        find: 'secretsEqual(stored, storedForm(storedAs, guess))',
        instead: 'secretsEqual(stored.toLowerCase(), storedForm(storedAs, guess).toLowerCase())',
      },
    ],
    caughtBy: { file: 'test/accounts/activate.e2e-spec.ts', test: 'a code in another case' },
  },
  {
    name: 'the third wrong phone code leaves the pending one as it was',
    edits: [
      {
        file: VERIFICATION,
        find: 'if (await isLastTry(manager, purpose, store, pending, refusal)) await store.end(manager, pending);',
        instead: 'await isLastTry(manager, purpose, store, pending, refusal);',
      },
    ],
    caughtBy: { file: 'test/accounts/phone.e2e-spec.ts', test: 'the third wrong code ends the pending one' },
  },
  {
    name: 'a token is found unused first and spent afterwards, so that two calls at the same moment pass',
    edits: [{ file: TOKENS, find: 'WHERE id = ? AND used = 0 AND', instead: 'WHERE id = ? AND' }],
    caughtBy: { file: 'test/accounts/with-token-all-or-nothing.e2e-spec.ts', test: 'of many calls at once' },
    database: 'mariadb',
  },
  {
    name: 'a token is the one that the collation of the database takes for it',
    edits: [
      {
        file: TOKENS,
        find: 'rows.find((candidate) => candidate.token === storedForm(candidate.origin, token))',
        instead: 'rows[0]',
      },
    ],
    caughtBy: { file: 'test/accounts/with-token.e2e-spec.ts', test: 'is another one in another case' },
    database: 'mariadb',
  },
  {
    name: 'a password is changed without the old one',
    edits: [
      {
        file: 'src/accounts/passwords.service.ts',
        find: 'if (locked.passwords.length > 0 && !isProven',
        instead: 'if (change.oldPassword !== undefined && !isProven',
      },
    ],
    caughtBy: { file: 'test/accounts/password.e2e-spec.ts', test: 'refuses an old_password that is missing' },
  },
  {
    name: 'an account shows the hashes of its passwords',
    edits: [
      {
        file: 'src/accounts/dto/account.dto.ts',
        find: 'account.passwords.map(({ algorithm }) => ({ algorithm }))',
        instead: 'account.passwords.map(({ algorithm, password }) => ({ algorithm, password }))',
      },
    ],
    caughtBy: { file: 'test/accounts/me.e2e-spec.ts', test: 'never shows a hash' },
  },
  {
    name: 'the list of accounts shows their confirmation keys',
    edits: [
      {
        file: ADMIN,
        find: 'accounts.map((account) => AccountDto.from(account, this.settings.realm))',
        instead: 'accounts.map((account) => AdminAccountDto.from(account, this.settings.realm))',
      },
    ],
    caughtBy: { file: 'test/admin/list-accounts.e2e-spec.ts', test: 'without a confirmation key' },
  },
  {
    name: 'an id in a path counts up to where it stops to be a number: 1abc is 1',
    edits: [
      {
        file: 'src/admin/account-id.pipe.ts',
        find: `if (!ACCOUNT_ID.test(text)) throw new AccountNotFound();
    return Number(text);`,
        instead: `if (!/^[1-9][0-9]{0,9}/.test(text)) throw new AccountNotFound();
    return Number.parseInt(text, 10);`,
      },
    ],
    caughtBy: { file: 'test/admin/account-ids.e2e-spec.ts', test: 'answers 404 for the id 1abc, and touches nothing' },
  },
];
