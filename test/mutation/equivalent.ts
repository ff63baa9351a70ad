import type { Mutant } from './mutants.js';

/** A mutant that behaves as the product does, so that no test could notice it. */
interface Equivalent {
  readonly file: string;
  /** As the report has it. */
  readonly what: string;
  readonly why: string;
}

const equivalent = (file: string, why: string, ...mutants: string[]): Equivalent[] => mutants.map((what) => ({ file, what, why }));

const AUTHORIZATION = 'src/digest/digest-authorization.ts';
const STORED_PASSWORD = 'src/digest/stored-password.ts';
const NONCES = 'src/auth/nonces/signed-nonces.ts';
const NONCE_STORE = 'src/auth/nonces/database-nonce-store.ts';
const PURGE = 'src/auth/nonces/nonce-purge.service.ts';
const DIGEST = 'src/auth/digest.service.ts';
const ACTIVATION = 'src/accounts/activation.service.ts';
const REGISTRATION = 'src/accounts/registration.service.ts';
const TOKENS = 'src/tokens/tokens.repository.ts';

const NO_WINDOW = 'only rows of the 2021 server have no window, and its nonces are foreign before they come here';

export const EQUIVALENT: readonly Equivalent[] = [
  ...equivalent(
    AUTHORIZATION,
    'the first parameter skips the blanks before it',
    'const SCHEME = /^Digest +/i; -> const SCHEME = /^Digest /i;',
  ),
  ...equivalent(
    AUTHORIZATION,
    'the form of nc is checked two lines below, and undefined has it not',
    '!username || realm === undefined || !nonce || !uri || !response || !cnonce || !nc -> (!username || realm === undefined || !nonce || !uri || !response || !cnonce)',
  ),
  ...equivalent(AUTHORIZATION, 'lastIndex below 0 counts as 0', 'let position = 0; -> let position = -1;'),
  ...equivalent(
    AUTHORIZATION,
    'PARAMETER lets no line end follow a backslash',
    "match[2]?.replace(/\\\\(.)/gs, '$1') -> match[2]?.replace(/\\\\(.)/g, '$1')",
  ),
  ...equivalent(
    STORED_PASSWORD,
    'an account has one password for each algorithm, by a unique index',
    'passwords.find((password) => password.algorithm === algorithm) -> passwords.findLast((password) => password.algorithm === algorithm)',
    "passwords.find((password) => password.algorithm === 'CLRTXT') -> passwords.findLast((password) => password.algorithm === 'CLRTXT')",
  ),
  ...equivalent(
    NONCES,
    'the text is free, as long as no other key is derived by it',
    '`digest nonce, version ${VERSION}, lifetime ${lifetime} s${kind}` -> `digest nonce, version , lifetime ${lifetime} s${kind}`',
  ),
  ...equivalent(
    NONCE_STORE,
    'the bit of the highest count itself is set already, or the row has no window and gets the same one',
    'c_window = CASE WHEN VALUES(nc) > nc THEN (CAST(COALESCE(nc_window, 0) AS -> c_window = CASE WHEN VALUES(nc) >= nc THEN (CAST(COALESCE(nc_window, 0) AS',
    '_window = CASE WHEN excluded.nc > nc THEN (COALESCE(nc_window, 0) << (exc -> _window = CASE WHEN excluded.nc >= nc THEN (COALESCE(nc_window, 0) << (exc',
  ),
  ...equivalent(
    NONCE_STORE,
    'MySQL shifts by 64 to 0, which sets no bit',
    '- nc)) | 1 WHEN nc - VALUES(nc) < 64 THEN CAST(COALESCE(nc_window, 0) AS -> - nc)) | 1 WHEN nc - VALUES(nc) <= 64 THEN CAST(COALESCE(nc_window, 0) AS',
    'nc)) | 1 WHEN nc - VALUES(nc) < 64 THEN CAST(COALESCE(nc_window, 0) AS UNS -> nc)) | 1 WHEN nc - VALUES(nc) < 65 THEN CAST(COALESCE(nc_window, 0) AS UNS',
  ),
  ...equivalent(
    NONCE_STORE,
    NO_WINDOW,
    'nc) > nc THEN (CAST(COALESCE(nc_window, 0) AS UNSIGNED) << (VALUES(nc) - nc)) | 1 -> nc) > nc THEN (CAST(COALESCE(nc_window, 1) AS UNSIGNED) << (VALUES(nc) - nc)) | 1',
    '(nc) < 64 THEN CAST(COALESCE(nc_window, 0) AS UNSIGNED) | (1 << (nc - VALUES(nc)) -> (nc) < 64 THEN CAST(COALESCE(nc_window, 1) AS UNSIGNED) | (1 << (nc - VALUES(nc))',
    'luded.nc > nc THEN (COALESCE(nc_window, 0) << (excluded.nc - nc)) | 1 ELS -> luded.nc > nc THEN (COALESCE(nc_window, 1) << (excluded.nc - nc)) | 1 ELS',
    ')) | 1 ELSE COALESCE(nc_window, 0) | (1 << (nc - excluded.nc)) END, -> )) | 1 ELSE COALESCE(nc_window, 1) | (1 << (nc - excluded.nc)) END,',
    'xcluded.nc < 64 AND COALESCE(nc_window, 0) & (1 << (nc - excluded.nc)) = 0)` -> xcluded.nc < 64 AND COALESCE(nc_window, 1) & (1 << (nc - excluded.nc)) = 0)`',
  ),
  ...equivalent(
    PURGE,
    'a batch may be larger or smaller, and come a millisecond sooner or later',
    'const BATCH = 1_000; -> const BATCH = 1001;',
    'const BATCH = 1_000; -> const BATCH = 999;',
  ),
  ...equivalent(
    DIGEST,
    'nothing is answered with 299 or 300',
    'reply.statusCode === 401 || reply.statusCode < 300 -> reply.statusCode === 401 || (reply.statusCode <= 300)',
    'reply.statusCode === 401 || reply.statusCode < 300 -> reply.statusCode === 401 || reply.statusCode < 301',
    'reply.statusCode === 401 || reply.statusCode < 300 -> reply.statusCode === 401 || reply.statusCode < 299',
  ),
  ...equivalent(
    DIGEST,
    'the purpose is free, as long as no other key is derived for it',
    "deriveKey(settings.appKey, 'digest opaque') -> deriveKey(settings.appKey, '')",
  ),
  ...equivalent(
    'src/auth/caller.ts',
    'no route for anybody asks for the caller; the error is for whoever writes one',
    "if (!request.caller) throw new Error('a route for anybody has no caller'); -> if (false) throw new Error('a route for anybody has no caller');",
    "throw new Error('a route for anybody has no caller'); -> ;",
  ),
  ...equivalent(
    TOKENS,
    'the statement has asked for the provider, whose names differ in more than case',
    'pnProvider === device.pnProvider && pnParam === device.pnParam -> (pnParam === device.pnParam)',
  ),
  ...equivalent(
    REGISTRATION,
    'TypeORM writes null for undefined into a column that may be null, and nobody is made an administrator by undefined',
    'mail, activated: false, admin: false, confirmationKey: code?.stored ?? null, -> mail, activated: false, confirmationKey: code?.stored ?? null,',
    'confirmationKey: code?.stored ?? null -> confirmationKey: (code?.stored)',
    'confirmationExpires: code?.expires ?? null -> confirmationExpires: (code?.expires)',
  ),
  ...equivalent(
    REGISTRATION,
    'whoever has a phone has a code to activate it',
    'if (phone && code) await this.phoneCodes.insert(manager, account.id, phone, code.stored); -> if ((phone)) await this.phoneCodes.insert(manager, account.id, phone, code.stored);',
  ),
  ...equivalent(
    REGISTRATION,
    'no number is undefined',
    'if (phone) await this.phones.refuseTaken(manager, phone, signUp); -> if (true) await this.phones.refuseTaken(manager, phone, signUp);',
  ),
  ...equivalent(
    ACTIVATION,
    'the account is locked by then, and cannot be gone',
    'if (!account) throw new AccountNotFound(); -> if (false) throw new AccountNotFound();',
    'if (!account) throw new AccountNotFound(); -> if (!account) ;',
  ),
];

/** The entry about a mutant, if it is equivalent. */
export function equivalentOf({ file, what }: Pick<Mutant, 'file' | 'what'>): Equivalent | undefined {
  return EQUIVALENT.find((one) => one.file === file && one.what === what);
}
