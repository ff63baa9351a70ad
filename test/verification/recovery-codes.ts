import type { EntityManager } from 'typeorm';
import { formatDateTime, parseDateTime } from '../../src/database/columns/utc-date-time.js';
import { dialectOf } from '../../src/database/dialect.js';
import type { PendingProof, ProofStore, Purpose } from '../../src/verification/purpose.js';

export class CodeMissing extends Error {}
class CodeWrong extends Error {}
class CodeExpired extends Error {}
export class NotSent extends Error {}

let serial = 0;

/** A kind of proof that the service does not have: a mailed code with three tries, stored as a hash. */
export const RECOVERY = {
  channel: 'mail',
  draw: () => `code ${++serial}`,
  lifetime: 600,
  tries: 3,
  storedAs: 'SHA-256',
  limits: { target: 'emailRequestsPerAddress' },
  failures: 'failedPhoneCodes',
  refusals: { missing: CodeMissing, wrong: CodeWrong, expired: CodeExpired },
  notDelivered: NotSent,
} as const satisfies Purpose<'mail'>;

interface Row {
  readonly address: string;
  readonly code: string;
  readonly failures: number;
  readonly expires: string;
}

export interface PendingRecovery extends PendingProof {
  readonly address: string;
  readonly failures: number;
}

/** Its table, which no migration creates. */
export const TABLE = `CREATE TABLE recovery_codes
  (address VARCHAR(64) PRIMARY KEY, code VARCHAR(64) NOT NULL, failures INTEGER NOT NULL, expires VARCHAR(19) NOT NULL)`;

export class RecoveryCodes implements ProofStore<string, PendingRecovery> {
  async find(manager: EntityManager, address: string): Promise<PendingRecovery | null> {
    const lock = dialectOf(manager.dataSource) === 'mysql' ? 'FOR UPDATE' : '';
    const [row]: Row[] = await manager.query(`SELECT * FROM recovery_codes WHERE address = ? ${lock}`, [address]);
    if (!row) return null;
    const expires = parseDateTime(row.expires) ?? new Date(0);
    return { address, failures: row.failures, stored: row.code, isExpired: (now) => expires <= now };
  }

  async end(manager: EntityManager, { address }: PendingRecovery): Promise<void> {
    await manager.query('DELETE FROM recovery_codes WHERE address = ?', [address]);
  }

  async countFailure(manager: EntityManager, { address, failures }: PendingRecovery): Promise<number> {
    await manager.query('UPDATE recovery_codes SET failures = ? WHERE address = ?', [failures + 1, address]);
    return failures + 1;
  }

  async replace(manager: EntityManager, address: string, code: string, expires: Date): Promise<void> {
    await manager.query('DELETE FROM recovery_codes WHERE address = ?', [address]);
    await manager.query('INSERT INTO recovery_codes VALUES (?, ?, 0, ?)', [address, code, formatDateTime(expires)]);
  }
}

/** The same store without a method that counts attempts. */
export class RecoveryCodesWithoutCount implements ProofStore<string, PendingRecovery> {
  private readonly codes = new RecoveryCodes();

  find(manager: EntityManager, address: string): Promise<PendingRecovery | null> {
    return this.codes.find(manager, address);
  }

  end(manager: EntityManager, pending: PendingRecovery): Promise<void> {
    return this.codes.end(manager, pending);
  }
}
