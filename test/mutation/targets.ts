import type { Database } from '../support/planted/planted-tree.js';

/** Source files, and the tests that must notice what is wrong with them: the likeliest first. */
export interface Target {
  readonly files: readonly string[];
  readonly tests: readonly string[];
  /** Where the tests run; by default on SQLite alone, which takes a third of the time. */
  readonly databases?: readonly Database[];
}

const digest = ['test/auth/digest.e2e-spec.ts', 'test/auth/replay.e2e-spec.ts'];
const guards = ['test/access.e2e-spec.ts', 'test/auth/from.e2e-spec.ts'];

/**
 * What is mutated: the code that finds the caller of a route of the API and its permissions, and most of the code that
 * turns a secret into a right.
 *
 * Left out of that: the counts of nonces in Redis (`redis-nonce-store.ts`), the sessions of the panel, the change of an
 * e-mail address, the limits of guesses, modules, and entities, whose columns the migrations make.
 */
export const TARGETS: readonly Target[] = [
  {
    files: ['src/digest/challenge.ts', 'src/digest/digest-authorization.ts', 'src/digest/digest-response.ts'],
    tests: ['src/digest/digest-authorization.spec.ts', 'src/digest/digest-response.spec.ts', ...digest],
  },
  {
    files: ['src/digest/ha1.ts', 'src/digest/stored-password.ts'],
    tests: [
      'src/digest/digest-response.spec.ts',
      ...digest,
      'test/auth/stored-secrets.e2e-spec.ts',
      'test/accounts/password.e2e-spec.ts',
    ],
  },
  { files: ['src/auth/nonces/signed-nonces.ts'], tests: ['src/auth/nonces/signed-nonces.spec.ts', ...digest] },
  {
    files: [
      'src/auth/nonces/database-nonce-store.ts',
      'src/auth/nonces/memory-nonce-store.ts',
      'src/auth/nonces/nonce-purge.service.ts',
    ],
    tests: ['test/auth/replay.e2e-spec.ts', 'test/auth/nonce-purge.e2e-spec.ts', 'test/auth/nonce-use.e2e-spec.ts'],
    databases: ['sqlite', 'mariadb'],
  },
  {
    files: ['src/auth/digest.service.ts'],
    tests: [
      ...digest,
      'test/auth/nonce-use.e2e-spec.ts',
      ...guards,
      'test/accounts/me.e2e-spec.ts',
      'test/accounts/realm.e2e-spec.ts',
    ],
  },
  {
    files: [
      'src/auth/credentials.service.ts',
      'src/auth/from-header.ts',
      'src/auth/auth.errors.ts',
      'src/auth/caller.ts',
      'src/auth/decorators/current-account.decorator.ts',
      'src/auth/guards/activated.guard.ts',
      'src/auth/guards/admin.guard.ts',
      'src/auth/guards/caller.guard.ts',
      'src/auth/strategies/run-strategy.ts',
    ],
    tests: [...guards, ...digest, 'test/auth/api-keys.e2e-spec.ts'],
  },
  { files: ['src/auth/api-keys.service.ts'], tests: ['test/auth/api-keys.e2e-spec.ts'] },
  { files: ['src/accounts/auth-tokens.service.ts'], tests: ['test/accounts/auth-tokens.e2e-spec.ts'] },
  { files: ['src/common/secrets.ts'], tests: ['src/common/secrets.spec.ts', ...digest] },
  { files: ['src/common/random.ts'], tests: ['src/common/random.spec.ts', 'test/tokens/create-token.e2e-spec.ts'] },
  {
    files: [
      'src/tokens/creation-tokens.service.ts',
      'src/tokens/token-pushes.service.ts',
      'src/tokens/tokens.repository.ts',
    ],
    tests: [
      'test/tokens/creation-tokens.e2e-spec.ts',
      'test/accounts/with-creation-token.e2e-spec.ts',
      'test/tokens/create-token.e2e-spec.ts',
      'test/accounts/with-token.e2e-spec.ts',
      'test/accounts/with-token-all-or-nothing.e2e-spec.ts',
      'test/accounts/with-token-settings.e2e-spec.ts',
    ],
    databases: ['sqlite', 'mariadb'],
  },
  {
    files: ['src/accounts/registration.service.ts'],
    tests: [
      'test/accounts/with-token.e2e-spec.ts',
      'test/accounts/with-token-all-or-nothing.e2e-spec.ts',
      'test/accounts/with-token-members.e2e-spec.ts',
      'test/accounts/activate.e2e-spec.ts',
      'test/accounts/phone-availability.e2e-spec.ts',
      'test/accounts/phone-races.e2e-spec.ts',
    ],
    databases: ['sqlite', 'mariadb'],
  },
  {
    files: ['src/verification/verification.service.ts'],
    tests: [
      'test/verification/made-up-purpose.e2e-spec.ts',
      'test/accounts/phone.e2e-spec.ts',
      'test/accounts/email-confirmation.e2e-spec.ts',
      'test/accounts/activate.e2e-spec.ts',
      'test/limits/targets.e2e-spec.ts',
      'test/accounts/with-token.e2e-spec.ts',
    ],
  },
  {
    files: ['src/accounts/activation.service.ts', 'src/accounts/activation-codes.repository.ts'],
    tests: [
      'test/accounts/activate.e2e-spec.ts',
      'test/admin/manage-accounts.e2e-spec.ts',
      'test/accounts/activate-attempts.e2e-spec.ts',
      'test/accounts/activate-races.e2e-spec.ts',
      'test/accounts/phone-availability.e2e-spec.ts',
    ],
  },
  {
    files: [
      'src/accounts/phone-change.service.ts',
      'src/accounts/phone-change-codes.repository.ts',
      'src/accounts/purposes.ts',
    ],
    tests: [
      'test/accounts/phone.e2e-spec.ts',
      'test/accounts/phone-availability.e2e-spec.ts',
      'test/accounts/phone-races.e2e-spec.ts',
      'test/sms/texts.e2e-spec.ts',
    ],
  },
  {
    files: ['src/accounts/passwords.service.ts', 'src/accounts/passwords.repository.ts'],
    tests: [
      'test/accounts/password.e2e-spec.ts',
      'test/accounts/realm.e2e-spec.ts',
      'test/mail/languages.outbound-spec.ts',
    ],
  },
];
