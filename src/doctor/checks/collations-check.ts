import { dialectOf } from '../../database/dialect.js';
import { type Check, ok, type Verdict, warning } from '../finding.js';
import type { OpenDatabase } from '../open-database.js';

/** The columns that statements search and compare. */
const COLUMNS = new Set([
  'accounts.username',
  'accounts.domain',
  'accounts.email',
  'accounts.phone',
  'aliases.alias',
  'aliases.domain',
  'api_keys.key',
  'nonces.nonce',
  'passwords.algorithm',
]);

interface ColumnRow {
  name: string;
  charset: string | null;
  collation: string | null;
}

/** Checks how MySQL stores and compares names. */
export class CollationsCheck implements Check {
  readonly name = 'collations';

  constructor(private readonly database: OpenDatabase) {}

  async run(): Promise<Verdict[]> {
    const database = await this.database.ifFilled();
    if (!database || dialectOf(database) !== 'mysql') return [];
    const rows: ColumnRow[] = await database.query(
      `SELECT CONCAT(table_name, '.', column_name) AS name, character_set_name AS charset, collation_name AS collation
         FROM information_schema.columns WHERE table_schema = DATABASE() AND character_set_name IS NOT NULL`,
    );
    const ours = rows.filter(({ name }) => COLUMNS.has(name));
    return [...ofCharsets(ours), ofCollations(ours)];
  }
}

function ofCharsets(columns: readonly ColumnRow[]): Verdict[] {
  const poor = columns.filter(({ charset }) => charset !== 'utf8mb4');
  if (poor.length === 0) return [];
  const message = `${poor.map(({ name, charset }) => `${name} (${charset})`).join(', ')} cannot hold every character`;
  return [
    warning(
      message,
      'Names with other characters are refused. To accept them, stop Flexisip and convert the tables to utf8mb4.',
    ),
  ];
}

function ofCollations(columns: readonly ColumnRow[]): Verdict {
  const collations = [...new Set(columns.map(({ collation }) => collation))];
  if (collations.length <= 1) return ok(collations.join(', '));
  const differing = columns.map(({ name, collation }) => `${name} ${collation}`).join(', ');
  return warning(
    `columns have different collations: ${differing}`,
    'A query in flexisip.conf that joins them may fail. Give the tables one collation.',
  );
}
