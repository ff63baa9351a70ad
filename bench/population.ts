import { createHash } from 'node:crypto';
import type { Connection } from 'mysql2/promise';

/** The domain of all accounts, which is also their realm. */
export const DOMAIN = 'sip.example.org';
/** The password of all accounts. */
export const PASSWORD = 'a password of the benchmark';

/** Rows per statement: few enough to show progress, and enough to be fast. */
const BATCH = 50_000;

/** One of this many accounts has an API key. The first of them is an administrator. */
const KEY_EVERY = 10;

/** An account of the population. */
export interface Member {
  /** Its number, which is also its id. */
  readonly number: number;
  readonly username: string;
  readonly sip: string;
}

/** The accounts that are in the database before the measurements: `user0000001` with id 1, and so on. */
export class Population {
  private readonly firstOfOwn: number;
  private owned = 0;

  /** @param size number of accounts. */
  constructor(readonly size: number) {
    this.firstOfOwn = Math.floor(size / 2);
  }

  member(number: number): Member {
    const username = `user${String(number).padStart(7, '0')}`;
    return { number, username, sip: `${username}@${DOMAIN}` };
  }

  /** Any account whose password is never changed. */
  any(): Member {
    return this.member(1 + Math.floor(Math.random() * this.firstOfOwn));
  }

  /** An account that is returned only once, so its password may be changed. */
  own(): Member {
    if (this.owned >= this.size - this.firstOfOwn) throw new Error('more accounts were needed than there are');
    this.owned += 1;
    return this.member(this.firstOfOwn + this.owned);
  }

  /** Any account with an API key that is not an administrator. */
  anyWithKey(): Member {
    return this.member((1 + Math.floor(Math.random() * (this.size / KEY_EVERY - 1))) * KEY_EVERY + 1);
  }

  get administrator(): Member {
    return this.member(1);
  }

  /** The API key of an account with one. */
  keyOf({ username }: Member): string {
    return createHash('sha1').update(username).digest('hex');
  }

  /**
   * Fills a migrated database that was not used before.
   *
   * @param onProgress receives the number of accounts so far.
   */
  async fill(connection: Connection, onProgress: (count: number) => void): Promise<void> {
    await connection.query('SET SESSION unique_checks = 0, foreign_key_checks = 0');
    for (let first = 1; first <= this.size; first += BATCH) {
      const last = Math.min(first + BATCH - 1, this.size);
      for (const statement of statementsFor(first, last)) await connection.query(statement);
      onProgress(last);
    }
    await connection.query('ANALYZE TABLE accounts, passwords, aliases, api_keys, admins');
  }
}

/**
 * Two of three accounts have an e-mail address, every fourth has a phone number. Passwords are SHA-256; every second
 * account also has one in MD5.
 */
function statementsFor(first: number, last: number): string[] {
  const username = "CONCAT('user', LPAD(seq, 7, '0'))";
  const numbers = `seq_${first}_to_${last}`;
  const ha1 = (hash: string) => `${hash}(CONCAT(${username}, ':${DOMAIN}:${PASSWORD}'))`;
  const phone = "CONCAT('+3361', LPAD(seq, 7, '0'))";
  return [
    `INSERT INTO accounts (id, username, domain, email, activated, ip_address, user_agent, creation_time, phone)
       SELECT seq, ${username}, '${DOMAIN}', IF(seq % 3 = 0, NULL, CONCAT(${username}, '@example.com')), 1, '192.0.2.1',
              'LinphoneAndroid/5.2.5', '2026-01-01 00:00:00', IF(seq % 4 = 0, ${phone}, NULL) FROM ${numbers}`,
    `INSERT INTO passwords (account_id, password, algorithm)
       SELECT seq, ${ha1('SHA2').replace(/\)$/, ', 256)')}, 'SHA-256' FROM ${numbers}`,
    `INSERT INTO passwords (account_id, password, algorithm) SELECT seq, ${ha1('MD5')}, 'MD5' FROM ${numbers} WHERE seq % 2 = 0`,
    `INSERT INTO aliases (account_id, alias, domain) SELECT seq, ${phone}, '${DOMAIN}' FROM ${numbers} WHERE seq % 4 = 0`,
    `INSERT INTO api_keys (account_id, \`key\`, created_at, updated_at)
       SELECT seq, SHA1(${username}), '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM ${numbers} WHERE seq % ${KEY_EVERY} = 1`,
    ...(first === 1
      ? [
          "INSERT INTO admins (account_id, created_at, updated_at) VALUES (1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        ]
      : []),
  ];
}

/** Account creation tokens, each for one use: `bench00000001`, and so on. */
export class TokenSupply {
  private prepared = 0;
  private drawn = 0;

  constructor(private readonly connection: Connection) {}

  /** Inserts this many more into the database. */
  async prepare(count: number): Promise<void> {
    const numbers = `seq_${this.prepared + 1}_to_${this.prepared + count}`;
    await this.connection.query(
      `INSERT INTO tokens (token, pn_provider, pn_param, pn_prid, used, created_at, updated_at)
         SELECT CONCAT('bench', LPAD(seq, 8, '0')), 'fcm', 'project', CONCAT('device', seq), 0, UTC_TIMESTAMP(), UTC_TIMESTAMP() FROM ${numbers}`,
    );
    this.prepared += count;
  }

  next(): string {
    this.drawn += 1;
    if (this.drawn > this.prepared) throw new Error('more tokens were needed than had been prepared');
    return `bench${String(this.drawn).padStart(8, '0')}`;
  }
}
