import type { EntityManager } from 'typeorm';
import type { Settings } from '../../src/config/settings.js';
import { type DigestAlgorithm, ha1Of } from './digest-client.js';
import type { FakeClock } from './fakes.js';

/** An account in the database, with the secrets its owner knows. */
export interface GivenAccount {
  id: number;
  username: string;
  domain: string;
  /** `user@domain`. */
  sip: string;
  /** The value of a From header. */
  from: string;
  password: string;
  algorithms: DigestAlgorithm[];
  apiKey?: string;
}

/** How a password is stored. */
type Stored = DigestAlgorithm | 'CLRTXT';

interface AccountState {
  username?: string;
  domain?: string;
  email?: string | null;
  phone?: string | null;
  activated?: boolean;
  admin?: boolean;
  password?: string;
  /** How the password is stored; empty for an account without one. Default SHA-256. */
  stored?: Stored[];
  /** Whether the account has an API key. Default true. */
  key?: boolean;
  confirmationKey?: string | null;
  /** Whether the account was created without a code and never activated. Default false. */
  neverActivated?: boolean;
  /** Whether the account has an account creation token. Default false. */
  creationToken?: boolean;
  /** Whether an administrator has blocked the account. Default false. */
  blocked?: boolean;
  /** Seconds from now, negative for the past. */
  confirmationExpiresIn?: number;
}

/** Inserts accounts and tokens in a given state, without using the code under test. */
export class Factories {
  private serial = 0;

  constructor(
    private readonly manager: EntityManager,
    private readonly settings: Settings,
    private readonly clock: FakeClock,
  ) {}

  /** An activated account. */
  async account(state: AccountState = {}): Promise<GivenAccount> {
    const { domain = 'sip.example.org', password = 'secret words', stored = ['SHA-256'], key = true } = state;
    const username = state.username ?? this.unique('account');
    const insert = `INSERT INTO accounts (username, domain, email, phone, activated, confirmation_key, ip_address, user_agent, creation_time, never_activated, has_creation_token, blocked, activated_before_block) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    await this.manager.query(insert, [
      username,
      domain,
      state.email ?? null,
      state.phone ?? null,
      state.activated === false || state.blocked ? 0 : 1,
      state.confirmationKey ?? null,
      '192.0.2.1',
      'a test',
      this.moment(),
      state.neverActivated ? 1 : 0,
      state.creationToken ? 1 : 0,
      state.blocked ? 1 : 0,
      state.blocked && state.activated !== false ? 1 : 0,
    ]);
    const [{ id }] = await this.manager.query('SELECT MAX(id) AS id FROM accounts WHERE username = ? AND domain = ?', [
      username,
      domain,
    ]);
    const account = {
      id: Number(id),
      username,
      domain,
      sip: `${username}@${domain}`,
      from: `sip:${username}@${domain}`,
      password,
    };
    for (const algorithm of stored) await this.password({ ...account, password }, algorithm);
    if (state.phone) await this.insert('aliases', { account_id: id, alias: state.phone, domain });
    if (state.admin) await this.insert('admins', { account_id: id });
    if (state.confirmationExpiresIn !== undefined) {
      await this.insert('activation_expirations', {
        account_id: id,
        expires: this.moment(state.confirmationExpiresIn),
      });
    }
    const apiKey = key ? `key-of-${encodeURIComponent(username)}-0123456789abcdefghij` : undefined;
    if (apiKey) await this.insert('api_keys', { account_id: id, '`key`': apiKey });
    const algorithms = stored.includes('CLRTXT') ? (['MD5', 'SHA-256'] as const) : stored;
    return { ...account, apiKey, algorithms: [...algorithms] as GivenAccount['algorithms'] };
  }

  /** An activated administrator. */
  admin(state: AccountState = {}): Promise<GivenAccount> {
    return this.account({ ...state, admin: true });
  }

  /** An account that is not activated and has an activation code. */
  inactiveAccount(state: AccountState = {}): Promise<GivenAccount> {
    return this.account({ confirmationKey: 'aZ3kP9sQ1xW7b', ...state, activated: false });
  }

  /** An account that an app of 2022 or later has created and that is not activated yet. */
  newAccount(state: AccountState = {}): Promise<GivenAccount> {
    return this.account({ ...state, activated: false, neverActivated: true, creationToken: true });
  }

  /** A token that can be redeemed. */
  async token({
    token = this.unique('token'),
    used = false,
    ageInSeconds = 0,
    prid = this.unique('prid'),
  } = {}): Promise<string> {
    const created = this.moment(-ageInSeconds);
    await this.insert('tokens', {
      token,
      pn_provider: 'fcm',
      pn_param: 'project',
      pn_prid: prid,
      used: used ? 1 : 0,
      created_at: created,
    });
    return token;
  }

  /** A name that is unique in this test file. */
  unique(prefix: string): string {
    this.serial += 1;
    return `${prefix}${String(this.serial).padStart(4, '0')}`;
  }

  /** The time this many seconds from now, in the format of the database. */
  moment(seconds = 0): string {
    return this.clock.in(seconds).toISOString().slice(0, 19).replace('T', ' ');
  }

  private async password(
    account: { id: number; username: string; domain: string; password: string },
    algorithm: Stored,
  ): Promise<void> {
    const realm = this.settings.realm ?? account.domain;
    const password = algorithm === 'CLRTXT' ? account.password : ha1Of(algorithm, { ...account, realm });
    await this.insert('passwords', { account_id: account.id, password, algorithm });
  }

  private async insert(table: string, row: Record<string, unknown>): Promise<void> {
    const columns = Object.keys(row);
    await this.manager.query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      Object.values(row),
    );
  }
}
