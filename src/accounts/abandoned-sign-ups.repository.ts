import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import { toId } from '../database/columns/column-values.js';
import { formatDateTime } from '../database/columns/utc-date-time.js';
import { constantStatement } from '../database/constant-statement.js';
import { Statements } from '../database/statements.service.js';

/** How many accounts are read at once. */
const BATCH = 100;

/**
 * Accounts that a creation token made and that were never activated. Until the token expires, its holder can still change
 * the name and the password. A token without an end of its own expires by its age.
 */
const FIND = constantStatement(`
  SELECT a.id FROM accounts a
   WHERE a.never_activated = 1 AND a.has_creation_token = 1 AND a.id > ?
     AND a.activated = 0 AND a.blocked = 0 AND a.creation_time < ?
     AND EXISTS (SELECT 1 FROM tokens t WHERE t.account_id = a.id AND t.used_by = 'with-creation-token'
       AND (t.expires <= ? OR (t.expires IS NULL AND t.created_at <= ?)))
   ORDER BY a.id LIMIT ${BATCH}`);

/** The statement that looks for sign-ups that nobody completed. */
@Injectable()
export class AbandonedSignUps {
  constructor(
    private readonly statements: Statements,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** The next accounts with a greater id that were created before a moment, and whose creation token has expired. */
  async findAfter(id: number, before: Date): Promise<number[]> {
    const oldestValid = this.clock.in(-this.settings.tokenLifetime);
    const moments = [before, this.clock.now(), oldestValid].map(formatDateTime);
    const rows = await this.statements.read<{ id: number | string }>(FIND, [id, ...moments]);
    return rows.map((row) => toId(row.id));
  }
}
