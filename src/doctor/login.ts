import { DIGEST_ALGORITHMS, type DigestAlgorithm, ha1 } from '../digest/ha1.js';
import { type PasswordRow, usablePassword, type UsablePassword } from '../digest/stored-password.js';
import { displaySip, type SipAddress } from '../common/sip/sip-address.js';
import { error, ok, type Verdict, warning } from './finding.js';

/** An account row that the database finds for a name. The collation decides which names are equal. */
export interface NamedRow {
  readonly id: number;
  readonly username: string;
  readonly domain: string;
  readonly activated: boolean;
  /** A column that an operator's own query in flexisip.conf may use. */
  readonly expires: Date | null;
}

/** The facts that decide whether an account can log in. */
export interface LoginCase {
  readonly address: SipAddress;
  /** All rows that the database finds for the address. */
  readonly rows: readonly NamedRow[];
  /** The passwords of the row that equals the address exactly. */
  readonly passwords: readonly PasswordRow[];
  /** The realm of the passwords, by the settings. */
  readonly realm: string;
  /** Other realms that a password may have been made with. */
  readonly otherRealms: readonly string[];
  /** What the owner of the account types; null if no password is to be checked. */
  readonly password: string | null;
  readonly now: Date;
  /** Whether Flexisip can read the database. It cannot read an embedded one. */
  readonly isReadByFlexisip: boolean;
}

/** A verdict and its scope: `SIP` affects logins at Flexisip only; without a scope, all logins. */
type Reason = Verdict & { readonly over?: 'SIP' };

/**
 * Whether an account can log in here and at Flexisip. Each reason against it is a line of its own. No line holds a
 * secret.
 */
export function judgeLogin(login: LoginCase): Verdict[] {
  const { address, rows, isReadByFlexisip } = login;
  const sip = displaySip(address);
  const exact = rows.find(({ username, domain }) => username === address.username && domain === address.domain);
  if (!exact) return [notThere(sip, rows)];
  const reasons: Reason[] = [...ofRows(login, exact), ...ofPasswords(login)];
  const errors = reasons.filter(({ level }) => level === 'error');
  const can = canLogIn(login);
  return [
    errors.some(({ over }) => over === undefined) ? refused('HTTP', sip) : ok(`over HTTP: ${can}`),
    errors.length > 0 ? refused('SIP', sip) : ofSip(isReadByFlexisip, can),
    ...reasons.map(({ level, message, advice }) => ({ level, message, advice })),
  ];
}

function refused(way: string, sip: string): Verdict {
  return error(`over ${way}: ${sip} cannot log in`, 'The lines below say why.');
}

function canLogIn({ address, passwords, password, realm }: LoginCase): string {
  const stored = usableOf(passwords);
  const usable = DIGEST_ALGORITHMS.filter((algorithm) => stored.some((one) => serves(one, algorithm)));
  const what =
    password === null
      ? 'can log in if the password is right (--password-stdin checks it)'
      : 'can log in with this password';
  return `${displaySip(address)} ${what}, in the realm ${realm} by ${usable.join(' or ')}`;
}

function ofSip(isReadByFlexisip: boolean, can: string): Verdict {
  return isReadByFlexisip
    ? ok(`over SIP: ${can}, if flexisip.conf has this realm and one of these algorithms`)
    : warning(
        'over SIP: no account can log in, because Flexisip does not read the embedded database',
        'Set DB_DRIVER=mysql.',
      );
}

function notThere(sip: string, rows: readonly NamedRow[]): Verdict {
  const [similar] = rows;
  if (!similar) return error(`there is no account ${sip}`, 'Check the spelling. accounts:show finds accounts too.');
  return error(
    `there is no account ${sip}, but ${displaySip(similar)}`,
    'Names are compared byte by byte. Log in with exactly this name.',
  );
}

function ofRows({ address, rows, now }: LoginCase, exact: NamedRow): Reason[] {
  const verdicts: Reason[] = [];
  if (!exact.activated) {
    verdicts.push(
      error('it is not activated', 'The owner enters the activation code, or an administrator activates the account.'),
    );
  }
  const duplicates = rows.filter(({ id }) => id !== exact.id);
  if (duplicates.length > 0) {
    const names = duplicates.map((row) => `${row.id} (${displaySip(row)})`).join(', ');
    const isRefused = duplicates.some(({ activated }) => activated) && exact.activated;
    const message = `by its collation, the database also finds other accounts for ${displaySip(address)}: ${names}`;
    verdicts.push(
      isRefused
        ? {
            ...error(
              `${message}; Flexisip finds several and refuses all`,
              `Keep one of them, for example account ${exact.id}.`,
            ),
            over: 'SIP',
          }
        : warning(message, 'Remove the unused accounts.'),
    );
  }
  if (exact.expires && exact.expires <= now) {
    verdicts.push(
      warning(
        'its expire_time has passed',
        'Only a custom query in flexisip.conf can use this column. Check it there.',
      ),
    );
  }
  return verdicts;
}

function ofPasswords(login: LoginCase): Verdict[] {
  const { passwords } = login;
  const known = usableOf(passwords);
  const unknown = passwords.map(({ algorithm }) => algorithm ?? 'NULL').filter((algorithm) => !isKnown(algorithm));
  const malformed = passwords
    .map((row) => (usablePassword(row) ? null : row.algorithm))
    .filter((name) => name !== null && isKnown(name));
  const verdicts: Verdict[] = [];
  if (unknown.length > 0) {
    const advice = 'Use exactly MD5, SHA-256 or CLRTXT: set a new password.';
    verdicts.push(warning(`it has passwords with unknown algorithms: ${unknown.join(', ')}`, advice));
  }
  for (const algorithm of malformed) {
    const what = algorithm === 'CLRTXT' ? 'empty' : 'not a hexadecimal HA1';
    verdicts.push(warning(`${algorithm}: the stored value is ${what} and is ignored`, 'Set a new password.'));
  }
  const doubled = [...new Set(known.map(({ algorithm }) => algorithm))].filter(
    (name) => known.filter(({ algorithm }) => algorithm === name).length > 1,
  );
  if (doubled.length > 0)
    verdicts.push(
      error(`it has several passwords for ${doubled.join(', ')}`, 'Keep one of each, or set a new password.'),
    );
  if (known.length === 0) verdicts.push(error('it has no password', 'Set one.'));
  return [...verdicts, ...known.flatMap((row) => ofPassword(row, login))];
}

/** Problems of one stored password; none if it is the typed one. */
function ofPassword({ algorithm, password: stored }: UsablePassword, login: LoginCase): Verdict[] {
  const { address, password, realm, otherRealms } = login;
  if (algorithm === 'CLRTXT')
    return password === null || stored === password ? [] : [error('CLRTXT: the password is wrong', 'Set it again.')];
  if (password === null) return [];
  const isMadeWith = (candidate: string) => ha1(algorithm, address.username, candidate, password) === stored;
  if (isMadeWith(realm)) return [];
  const other = otherRealms.find(isMadeWith);
  if (other === undefined) {
    const advice =
      'If the password is right, its HA1 was computed with a realm that is in neither the settings nor the domains. Set it again.';
    return [error(`${algorithm}: the password is wrong`, advice)];
  }
  const advice = `Set ACCOUNT_REALM=${other} if flexisip.conf and all accounts use this realm. Otherwise set the password again.`;
  return [
    error(
      `${algorithm}: the password is right, but its HA1 was computed with the realm ${other}; the settings say ${realm}`,
      advice,
    ),
  ];
}

function isKnown(algorithm: string): boolean {
  return algorithm === 'CLRTXT' || (DIGEST_ALGORITHMS as readonly string[]).includes(algorithm);
}

/** Uses the same function as the service. */
function usableOf(rows: readonly PasswordRow[]): UsablePassword[] {
  return rows.map(usablePassword).filter((password) => password !== null);
}

function serves(stored: UsablePassword, algorithm: DigestAlgorithm): boolean {
  return stored.algorithm === algorithm || stored.algorithm === 'CLRTXT';
}
