import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { DatabaseRefuses } from './database-unavailable.js';
import { dialectOf } from './dialect.js';
import { migrations } from './migrations/index.js';
import { RowsInTheWay, UniqueAddition } from './migrations/unique-addition.js';
import { missingRights } from './rights.js';
import { findSchema, type FoundSchema } from './schema/found-tables.js';
import { judgeSchema, type UniqueIndex } from './schema/judge-schema.js';
import { neededRights } from './schema/needed-rights.js';
import { error, type SchemaFinding } from './schema/schema-finding.js';

/** A migration that has not run. */
export interface Pending {
  readonly name: string;
  readonly instance?: MigrationInterface;
}

/** Problems that prevent the service from using a database as it is, or from migrating it. */
export interface Obstacles {
  /** Problems of its tables. */
  readonly tables: readonly SchemaFinding[];
  /** Rights that the pending migrations need and the database user lacks. */
  readonly rights: readonly string[];
  /** Duplicate rows that block the pending migrations, one line for each group. */
  readonly rows: readonly string[];
}

/** This service cannot work with the tables. */
export class TablesUnfit extends Error {
  constructor(findings: readonly SchemaFinding[]) {
    super(
      `The tables of the database are not as this service needs them. Nothing was changed.\n` +
        `${findings.map((finding) => `  - ${sentenceOf(finding)}`).join('\n')}\n` +
        'Make a backup, correct the tables, and start again.',
    );
  }
}

const PHONE = 'AccountPhone1767225606000';
const MOST_LISTED = 20;

/** Unique indexes that the migrations add and the statements of this service rely on. */
const UNIQUE_INDEXES: readonly UniqueIndex[] = migrations
  .map((Migration): MigrationInterface => new Migration())
  .filter((migration) => migration instanceof UniqueAddition)
  .map((migration) => Object.assign(migration.addition, { madeBy: migration.name }));

/**
 * Finds all obstacles to the pending migrations and to the service. Read-only. The start, `migrate`, `migrate:status`
 * and `doctor` all use it.
 */
export async function findObstacles(pending: readonly Pending[], queryRunner: QueryRunner): Promise<Obstacles> {
  const tables = await judgeTables(pending, queryRunner);
  const rights = await findMissingRights(pending, queryRunner);
  // The queries for rows need tables with the right columns.
  const rows = tables.some(({ level }) => level === 'error') ? [] : await rowsInTheWay(pending, queryRunner);
  return { tables, rights, rows };
}

/** Rights that the pending migrations need on the current tables, and that the database user certainly lacks. */
export async function findMissingRights(pending: readonly Pending[], queryRunner: QueryRunner): Promise<string[]> {
  if (pending.length === 0 || dialectOf(queryRunner.dataSource) === 'sqlite') return [];
  const needed = neededRights(await findSchema(queryRunner), namesOf(pending), UNIQUE_INDEXES);
  return needed.length > 0 ? missingRights(queryRunner, needed) : [];
}

/**
 * Rejects work that cannot be completed.
 *
 * @param tell receives each warning as a sentence.
 * @throws TablesUnfit, DatabaseRefuses, RowsInTheWay.
 */
export function refuseObstacles({ tables, rights, rows }: Obstacles, tell: (sentence: string) => void): void {
  const errors = tables.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new TablesUnfit(errors);
  if (rights.length > 0) {
    const which = `the rights ${rights.join(', ')}, which the user of DB_USERNAME does not have`;
    throw new DatabaseRefuses(`The pending migrations need ${which}. Grant them on DB_DATABASE.`);
  }
  if (rows.length > 0) throw new RowsInTheWay(rows);
  for (const finding of tables) tell(sentenceOf(finding));
}

/**
 * Ensures that the service can work with the tables as they are.
 *
 * @throws TablesUnfit.
 */
export async function requireFitTables(
  dataSource: DataSource,
  pending: readonly Pending[],
  tell: (sentence: string) => void,
): Promise<void> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    refuseObstacles({ tables: await judgeTables(pending, queryRunner), rights: [], rows: [] }, tell);
  } finally {
    await queryRunner.release();
  }
}

/** The problem and the advice in one line. */
export function sentenceOf({ message, advice }: SchemaFinding): string {
  return `${message}: ${advice}`;
}

/** Returns nothing on SQLite, where only this service creates the file, and completes it in one transaction. */
async function judgeTables(pending: readonly Pending[], queryRunner: QueryRunner): Promise<SchemaFinding[]> {
  if (dialectOf(queryRunner.dataSource) === 'sqlite') return [];
  const found = await findSchema(queryRunner);
  const names = namesOf(pending);
  const findings = judgeSchema({ found, pending: names, uniqueIndexes: UNIQUE_INDEXES });
  const hasErrors = findings.some(({ level }) => level === 'error');
  return names.has(PHONE) && !hasErrors ? [...findings, ...(await aliasesThatDoNotFit(found, queryRunner))] : findings;
}

function namesOf(pending: readonly Pending[]): Set<string> {
  return new Set(pending.map(({ name }) => name));
}

async function rowsInTheWay(pending: readonly Pending[], queryRunner: QueryRunner): Promise<string[]> {
  const rows: string[] = [];
  for (const { instance } of pending) {
    if (instance instanceof UniqueAddition) rows.push(...(await instance.obstacles(queryRunner)));
  }
  return rows;
}

/** Aliases that the migration must copy to `accounts.phone` and that do not fit there. */
async function aliasesThatDoNotFit({ tables }: FoundSchema, queryRunner: QueryRunner): Promise<SchemaFinding[]> {
  const accounts = tables.get('accounts');
  if (!accounts || !tables.has('aliases')) return [];
  const phone = accounts.columns.get('phone');
  const charset = phone?.charset ?? accounts.charset;
  const rows: { id: number; alias: string; account_id: number }[] = await queryRunner.query(
    `SELECT x.id, x.alias, x.account_id FROM aliases x JOIN accounts a ON a.id = x.account_id
      WHERE (CHAR_LENGTH(x.alias) > ${phone?.characters ?? 64}
             OR CAST(CONVERT(CONVERT(x.alias USING ${charset}) USING utf8mb4) AS BINARY) <> CAST(CONVERT(x.alias USING utf8mb4) AS BINARY))
        AND NOT EXISTS (SELECT 1 FROM aliases y WHERE y.account_id = x.account_id AND y.id < x.id)
      ORDER BY x.id LIMIT ${MOST_LISTED}`,
  );
  return rows.map(({ id, alias, account_id: account }) =>
    error(
      `aliases: id ${id}: accounts.phone of account ${account} cannot hold ${JSON.stringify(alias)}`,
      'Correct or remove the row.',
    ),
  );
}
