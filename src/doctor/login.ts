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
  const what = password === null ? 'can log in, if the password is right (--password-stdin)' : 'can log in with this password';
  return `${displaySip(address)} ${what}, in the realm ${realm} by ${usable.join(' or ')}`;
}

function ofSip(isReadByFlexisip: boolean, can: string): Verdict {
  return isReadByFlexisip
    ? ok(`over SIP: ${can}, if flexisip.conf has that realm and one of these algorithms`)
    : warning('over SIP: nobody can log in, since Flexisip reads no embedded database', 'Set DB_DRIVER=mysql.');
}

function notThere(sip: string, rows: readonly NamedRow[]): Verdict {
  const [similar] = rows;
  if (!similar) return error(`there is no account ${sip}`, 'See its spelling; accounts:show finds accounts too.');
  return error(`there is no account ${sip}, but ${displaySip(similar)}`, 'Names compare byte for byte: log in by exactly that name.');
}

function ofRows({ address, rows, now }: LoginCase, exact: NamedRow): Reason[] {
  const verdicts: Reason[] = [];
  if (!exact.activated) {
    verdicts.push(error('it is not activated', 'Its owner redeems its code, or an administrator activates it.'));
  }
  const duplicates = rows.filter(({ id }) => id !== exact.id);
  if (duplicates.length > 0) {
    const names = duplicates.map((row) => `${row.id} (${displaySip(row)})`).join(', ');
    const isRefused = duplicates.some(({ activated }) => activated) && exact.activated;
    const message = `the database takes other accounts for ${displaySip(address)}: ${names}`;
    verdicts.push(
      isRefused
        ? { ...error(`${message}; Flexisip finds several and refuses all`, `Keep account ${exact.id} or one of them.`), over: 'SIP' }
        : warning(message, 'Remove those that are not used.'),
    );
  }
  if (exact.expires && exact.expires <= now) {
    verdicts.push(warning('its expire_time is over', 'Only a request of your own in flexisip.conf would look at it; see it there.'));
  }
  return verdicts;
}

function ofPasswords(login: LoginCase): Verdict[] {
  const { passwords } = login;
  const known = usableOf(passwords);
  const unknown = passwords.map(({ algorithm }) => algorithm ?? 'NULL').filter((algorithm) => !isKnown(algorithm));
  const malformed = passwords.map((row) => (usablePassword(row) ? null : row.algorithm)).filter((name) => name !== null && isKnown(name));
  const verdicts: Verdict[] = [];
  if (unknown.length > 0) {
    const advice = 'MD5, SHA-256 and CLRTXT are, written so. Set a new password.';
    verdicts.push(warning(`it has passwords in what is no algorithm: ${unknown.join(', ')}`, advice));
  }
  for (const algorithm of malformed) {
    const what = algorithm === 'CLRTXT' ? 'empty' : 'no HA1 in hexadecimal';
    verdicts.push(warning(`${algorithm}: what is stored is ${what}, and counts for nothing`, 'Set a new password.'));
  }
  const doubled = [...new Set(known.map(({ algorithm }) => algorithm))].filter(
    (name) => known.filter(({ algorithm }) => algorithm === name).length > 1,
  );
  if (doubled.length > 0)
    verdicts.push(error(`it has several passwords in ${doubled.join(', ')}`, 'Keep one of each, or set a new password.'));
  if (known.length === 0) verdicts.push(error('it has no password', 'Set one.'));
  return [...verdicts, ...known.flatMap((row) => ofPassword(row, login))];
}

/** Problems of one stored password; none if it is the typed one. */
function ofPassword({ algorithm, password: stored }: UsablePassword, login: LoginCase): Verdict[] {
  const { address, password, realm, otherRealms } = login;
  if (algorithm === 'CLRTXT')
    return password === null || stored === password ? [] : [error('CLRTXT: the password is another one', 'Set it anew.')];
  if (password === null) return [];
  const isMadeWith = (candidate: string) => ha1(algorithm, address.username, candidate, password) === stored;
  if (isMadeWith(realm)) return [];
  const other = otherRealms.find(isMadeWith);
  if (other === undefined) {
    const advice = 'If it should be right, the HA1 was made with a realm that neither the settings nor the domains name; or set it anew.';
    return [error(`${algorithm}: the password is another one`, advice)];
  }
  const advice = `Set ACCOUNT_REALM=${other} if flexisip.conf says so too and all accounts have it; or set the password anew.`;
  return [
    error(`${algorithm}: the password is right, but its HA1 was made with the realm ${other}, and the settings say ${realm}`, advice),
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
