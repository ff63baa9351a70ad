import type { Api } from '../support/api.js';
import { DigestClient } from '../support/digest-client.js';
import type { GivenAccount } from '../support/factories.js';
import { everythingStored } from '../support/everything-stored.js';

/**
 * The ids of victims, and of all later accounts, begin here, so that a random change of another id never yields the id
 * of a victim.
 */
const FIRST_VICTIM = 700_000_001;
const FIRST_OF_OTHERS = 800_000_001;

const digestOf = (api: Api, account: GivenAccount) => DigestClient.start(api, account);

/** An account that a caller uses. */
export interface Actor {
  readonly account: GivenAccount;
  readonly digest: DigestClient;
}

export const ACTORS = ['user', 'another', 'inactive', 'admin', 'deactivated admin'] as const;
export type ActorName = (typeof ACTORS)[number];
export type Actors = Readonly<Record<ActorName, Actor>> & {
  /** An account that administrators may change and that makes no calls. */
  readonly pawn: GivenAccount;
};

/** Creates accounts to attack with. Their calls may change these accounts themselves. */
export async function newActors(api: Api): Promise<Actors> {
  const accounts: Record<ActorName, GivenAccount> = {
    user: await api.given.account({ email: 'user@example.org' }),
    another: await api.given.account({ stored: ['CLRTXT'] }),
    inactive: await api.given.inactiveAccount(),
    admin: await api.given.admin({ stored: ['MD5'] }),
    'deactivated admin': await api.given.admin({ activated: false }),
  };
  const entries: [string, Actor][] = [];
  for (const [name, account] of Object.entries(accounts))
    entries.push([name, { account, digest: await digestOf(api, account) }]);
  return { ...(Object.fromEntries(entries) as Record<ActorName, Actor>), pawn: await api.given.inactiveAccount() };
}

/** Accounts with everything an account may have. No caller may change them, and their secrets must never be shown. */
export class Victims {
  private constructor(
    readonly accounts: readonly GivenAccount[],
    readonly actors: readonly Actor[],
    /** Hashes, keys, codes and tokens. */
    readonly secrets: readonly string[],
    private readonly before: string,
  ) {}

  static async create(api: Api): Promise<Victims> {
    await numberFrom(api, FIRST_VICTIM);
    const accounts = [
      await api.given.account({ email: 'victim@example.org', phone: '+33699000001', stored: ['MD5', 'SHA-256'] }),
      await api.given.account({ stored: ['CLRTXT'], password: 'clear words of a victim' }),
      await api.given.inactiveAccount({ confirmationKey: 'V1ctimS0nlyCd', confirmationExpiresIn: 80_000 }),
      await api.given.admin({ email: 'chief@example.org', password: 'words of a victim who is admin' }),
      await api.given.account({ stored: [], email: 'nopassword@example.org', key: false }),
    ];
    for (const [index, { id, username, domain }] of accounts.entries())
      await giveMore(api, index, { id, username, domain });
    await numberFrom(api, FIRST_OF_OTHERS);
    const tokens = ['V1ctimToken01', 'V1ctimToken02'];
    for (const token of tokens) await api.given.token({ token, prid: `prid-of-${token}` });
    const rows = await rowsOfVictims(api);
    const hashes = Object.values(rows).flatMap((list) =>
      list.flatMap((row) => SECRET_COLUMNS.map((column) => row[column])),
    );
    const secrets = [...new Set(hashes.filter((value) => typeof value === 'string' && value.length > 4))] as string[];
    const actors: Actor[] = [];
    for (const account of accounts) actors.push({ account, digest: await digestOf(api, account) });
    return new Victims(accounts, actors, secrets, JSON.stringify(rows) + (await devicesOf(api, accounts)));
  }

  /** Describes each change to the victims since they were created. */
  async damage(api: Api): Promise<string[]> {
    const now = JSON.stringify(await rowsOfVictims(api)) + (await devicesOf(api, this.accounts));
    return now === this.before ? [] : [`the victims had\n${this.before}\nand have\n${now}`];
  }
}

const SECRET_COLUMNS = ['password', 'key', 'hash', 'code', 'token', 'confirmation_key'];

async function giveMore(
  api: Api,
  index: number,
  { id, username, domain }: { id: number; username: string; domain: string },
) {
  const now = api.given.moment();
  await api.sql(
    'INSERT INTO email_changed (account_id, new_email, hash, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
    [id, `new${index}@example.org`, `${'0123456789abcdef'.repeat(3)}${String(index).padStart(16, 'e')}`, now, now],
  );
  await api.sql(
    'INSERT INTO phone_change_codes (account_id, code, phone, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
    [id, `830${index}`, `+3369910000${index}`, now, now],
  );
  const registration = { expiresAt: api.clock.in(86_400), updatedAt: api.clock.now(), userAgent: 'a test' };
  api.registrar.register({ username, domain }, { ...registration, uniqueId: `"<urn:uuid:victim-${index}>"` });
}

/** Gives accounts that are created from now on ids from this one upwards. */
async function numberFrom(api: Api, id: number): Promise<void> {
  const names = 'id, username, domain, activated, ip_address, user_agent, creation_time';
  await api.sql(`INSERT INTO accounts (${names}) VALUES (?, ?, 'sip.example.org', 0, '', '', ?)`, [
    id - 1,
    api.given.unique('numbered'),
    api.given.moment(),
  ]);
}

/** The rows of the victims and of their tokens, without those that the actions of other accounts create. */
async function rowsOfVictims(api: Api): Promise<Record<string, Record<string, unknown>[]>> {
  const all = (await everythingStored(api)) as Record<string, Record<string, unknown>[]>;
  const isVictim = (id: unknown) => Number(id) >= FIRST_VICTIM && Number(id) < FIRST_VICTIM + 5;
  const isTheirs = (table: string, row: Record<string, unknown>) =>
    table === 'tokens'
      ? String(row.token).startsWith('V1ctim')
      : isVictim(table === 'accounts' ? row.id : row.account_id);
  return Object.fromEntries(
    Object.entries(all).map(([table, rows]) => [table, rows.filter((row) => isTheirs(table, row))]),
  );
}

async function devicesOf(api: Api, accounts: readonly GivenAccount[]): Promise<string> {
  return JSON.stringify(await Promise.all(accounts.map((account) => api.registrar.list(account))));
}
