import { LOCKS_TABLE } from '../cluster-locks.js';

/** The values that a column must hold. */
export type Need =
  /** A whole number that the database generates. */
  | { readonly holds: 'id' }
  /** The id of an account. */
  | { readonly holds: 'reference' }
  /** A text of at most this many characters. */
  | { readonly holds: 'text'; readonly characters: number }
  /** 1 or 0; see `toFlag`. */
  | { readonly holds: 'flag' }
  /** A date and time in UTC, to the second. */
  | { readonly holds: 'moment' }
  /** An unsigned number of this many bits. */
  | { readonly holds: 'bits'; readonly bits: 32 | 64 };

/** A column as the statements of this service need it. */
export type NeededColumn = Need & {
  /** The MySQL definition with which this service creates the column. */
  readonly definition: string;
  /** Whether this service writes NULL there. */
  readonly isNullable: boolean;
  /** False if this service only reads the column. */
  readonly isWritten?: false;
  /** The migration that adds the column to an existing table, or gives it this type. */
  readonly madeBy?: string;
};

/** A table as the statements of this service need it. */
export interface NeededTable {
  /** The migration that creates the table if it does not exist. */
  readonly madeBy: string;
  readonly columns: Readonly<Record<string, NeededColumn>>;
  /**
   * Keys in which the rows of this service never coincide. A unique index over one of them, with or without further
   * columns, rejects nothing that this service writes. Any other unique index does.
   */
  readonly keys: readonly (readonly string[])[];
  /** Whether its rows may be lost. */
  readonly isDisposable?: true;
}

const FLEXISIP = 'CreateFlexisipTables1767225600000';
const MEMBERS = 'AccountMembers1767225613000';
const TOKENS = 'CreationTokens1767225614000';
const EMAIL_CODES = 'EmailCodes1767225616000';

const id = (definition = 'int unsigned NOT NULL AUTO_INCREMENT'): NeededColumn => ({
  holds: 'id',
  definition,
  isNullable: false,
});
const reference: NeededColumn = { holds: 'reference', definition: 'int unsigned NOT NULL', isNullable: false };
const flag: NeededColumn = { holds: 'flag', definition: 'tinyint(1) NOT NULL DEFAULT 0', isNullable: false };
const moment: NeededColumn = { holds: 'moment', definition: 'datetime NOT NULL', isNullable: false };
const stamps = {
  created_at: { holds: 'moment', definition: 'timestamp NULL DEFAULT NULL', isNullable: false },
  updated_at: { holds: 'moment', definition: 'timestamp NULL DEFAULT NULL', isNullable: false },
} as const satisfies Record<string, NeededColumn>;

/**
 * @param width of the column as this service creates it.
 * @param characters that the column must hold at least, which is the longest text that this service writes there.
 */
const text = (width: number, characters = width, rest = 'NOT NULL'): NeededColumn => ({
  holds: 'text',
  characters,
  definition: `varchar(${width}) ${rest}`,
  isNullable: rest === 'NULL',
});

/** A column that a migration adds to an existing table. */
const added = (column: NeededColumn, madeBy: string): NeededColumn => ({ ...column, madeBy });
const optionalMoment: NeededColumn = { holds: 'moment', definition: 'datetime NULL', isNullable: true };
const optionalReference: NeededColumn = { holds: 'reference', definition: 'int unsigned NULL', isNullable: true };
const count: NeededColumn = { holds: 'reference', definition: 'int unsigned NOT NULL DEFAULT 0', isNullable: false };

/** The characters of the longest dictionary, as JSON. */
export const DICTIONARY_LENGTH = 16_000;

const bigId = id('bigint unsigned NOT NULL AUTO_INCREMENT');

/** What this service needs from its own tables and from those it shares with Flexisip. Its statements rely on it. */
export const NEEDED_TABLES: Readonly<Record<string, NeededTable>> = {
  accounts: {
    madeBy: FLEXISIP,
    keys: [['id'], ['username', 'domain']],
    columns: {
      id: id(),
      username: text(64),
      domain: text(64),
      email: text(64, 64, 'NULL'),
      activated: flag,
      confirmation_key: text(14, 13, 'NULL'),
      ip_address: text(39),
      // In a shorter column the text is cut to fit (`column-text.ts`).
      user_agent: text(256, 1),
      creation_time: moment,
      expire_time: { holds: 'moment', definition: 'datetime NULL', isNullable: false, isWritten: false },
      phone: { ...text(64, 16, 'NULL'), madeBy: 'AccountPhone1767225606000' },
      display_name: added(text(255, 255, 'NULL'), MEMBERS),
      dtmf_protocol: added(text(16, 10, 'NULL'), MEMBERS),
      dictionary: added(
        { holds: 'text', characters: DICTIONARY_LENGTH, definition: 'text NULL', isNullable: true },
        MEMBERS,
      ),
      updated_at: added(optionalMoment, MEMBERS),
      blocked: added(flag, MEMBERS),
      activated_before_block: added(flag, MEMBERS),
      never_activated: added(flag, MEMBERS),
      has_creation_token: added(flag, MEMBERS),
    },
  },
  passwords: {
    madeBy: FLEXISIP,
    keys: [['id'], ['account_id', 'algorithm']],
    columns: { id: id(), account_id: reference, password: text(255, 64), algorithm: text(10, 7) },
  },
  aliases: {
    madeBy: FLEXISIP,
    keys: [['id'], ['alias', 'domain']],
    columns: { id: bigId, account_id: reference, alias: text(64, 16), domain: text(64) },
  },
  admins: { madeBy: FLEXISIP, keys: [['id'], ['account_id']], columns: { id: id(), account_id: reference, ...stamps } },
  api_keys: {
    madeBy: FLEXISIP,
    keys: [['id'], ['account_id'], ['key']],
    columns: { id: id(), account_id: reference, key: text(160, 40), ...stamps },
  },
  nonces: {
    madeBy: FLEXISIP,
    keys: [['id'], ['nonce']],
    columns: {
      id: id(),
      account_id: reference,
      nonce: text(255, 70),
      nc: {
        holds: 'bits',
        bits: 32,
        definition: 'int unsigned NOT NULL DEFAULT 0',
        isNullable: false,
        madeBy: 'NonceWindow1767225605000',
      },
      nc_window: {
        holds: 'bits',
        bits: 64,
        definition: 'bigint unsigned NULL',
        isNullable: false,
        madeBy: 'NonceWindow1767225605000',
      },
      ...stamps,
    },
  },
  email_changed: {
    madeBy: FLEXISIP,
    keys: [['id'], ['account_id'], ['hash']],
    columns: {
      id: id(),
      account_id: reference,
      new_email: text(255, 64),
      hash: text(255, 64),
      code: added(text(16, 4, 'NULL'), EMAIL_CODES),
      failures: added(count, EMAIL_CODES),
      salt: added(text(64, 32, 'NULL'), EMAIL_CODES),
      ...stamps,
    },
  },
  phone_change_codes: {
    madeBy: FLEXISIP,
    keys: [['id'], ['account_id']],
    columns: {
      id: id(),
      account_id: reference,
      code: text(255, 4),
      phone: text(255, 16),
      failures: added(count, 'PhoneCodeTries1767225615000'),
      ...stamps,
    },
  },
  tokens: {
    madeBy: FLEXISIP,
    keys: [['id'], ['token']],
    columns: {
      id: bigId,
      token: text(255, 64),
      pn_provider: text(255, 8),
      pn_param: text(255),
      pn_prid: text(255),
      used: flag,
      origin: added(text(16, 16, 'NULL'), TOKENS),
      expires: added(optionalMoment, TOKENS),
      used_by: added(text(32, 32, 'NULL'), TOKENS),
      account_id: added(optionalReference, TOKENS),
      ...stamps,
    },
  },
  activation_expirations: {
    madeBy: FLEXISIP,
    keys: [['id'], ['account_id']],
    columns: { id: bigId, account_id: reference, expires: moment, ...stamps },
  },
  panel_sessions: {
    madeBy: 'PanelSessions1767225607000',
    keys: [['id'], ['hash']],
    isDisposable: true,
    columns: { id: id(), account_id: reference, hash: text(64), stamp: text(64), expires: moment },
  },
  flexisip_api_tokens: {
    madeBy: 'OneTimeTokens1767225617000',
    keys: [['id'], ['hash']],
    isDisposable: true,
    columns: {
      id: bigId,
      kind: text(16),
      hash: text(64),
      account_id: optionalReference,
      creation_token_id: { holds: 'reference', definition: 'bigint unsigned NULL', isNullable: true },
      created: moment,
      expires: moment,
      validated: optionalMoment,
      used: optionalMoment,
    },
  },
  delivery_claims: {
    madeBy: 'DeliveryClaims1767225610000',
    keys: [['subject']],
    isDisposable: true,
    columns: { subject: text(64), holder: text(32), content: text(1024, 1024, 'NULL'), expires: moment },
  },
  [LOCKS_TABLE]: {
    madeBy: 'ClusterLocks1767225611000',
    keys: [['id']],
    isDisposable: true,
    columns: {
      id: { holds: 'reference', definition: 'smallint unsigned NOT NULL', isNullable: false },
      uses: { holds: 'bits', bits: 64, definition: 'bigint unsigned NOT NULL', isNullable: false },
    },
  },
  flexisip_api_jobs: {
    madeBy: 'Jobs1767225612000',
    keys: [['name']],
    isDisposable: true,
    columns: {
      name: text(64),
      holder: text(32),
      due: moment,
      succeeded: optionalMoment,
    },
  },
};
