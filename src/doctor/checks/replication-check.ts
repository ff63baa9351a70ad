import type { DataSource } from 'typeorm';
import { dialectOf } from '../../database/dialect.js';
import { type Check, error, ok, type Verdict, warning } from '../finding.js';
import type { OpenDatabase } from '../open-database.js';

/** Checks how the server replicates, where this matters to the service. */
export class ReplicationCheck implements Check {
  readonly name = 'replication';

  constructor(private readonly database: OpenDatabase) {}

  async run(): Promise<Verdict[]> {
    const database = await this.database.ifThere();
    if (!database || dialectOf(database) !== 'mysql') return [];
    const variables = await valuesOf(
      database,
      "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('binlog_format', 'log_bin', 'wsrep_on')",
    );
    const verdicts: Verdict[] = [];
    if (variables.log_bin === 'ON' && variables.binlog_format === 'STATEMENT') verdicts.push(STATEMENTS);
    if (variables.wsrep_on === 'ON')
      verdicts.push(ofNode(await valuesOf(database, "SHOW GLOBAL STATUS LIKE 'wsrep_%'")));
    return verdicts;
  }
}

const STATEMENTS = warning(
  'binlog_format=STATEMENT: READ COMMITTED is not available; calls that assign a phone number lock more rows and may wait for each other',
  'Set binlog_format to ROW, or MIXED.',
);

function ofNode({
  wsrep_cluster_status: status,
  wsrep_cluster_size: size,
  wsrep_local_state_comment: state,
}: Values): Verdict {
  const what = `a node of a Galera cluster of ${size}, ${status}, ${state}`;
  return status === 'Primary'
    ? ok(what)
    : error(what, 'The node has lost its cluster. It serves no reads and no writes. See its log.');
}

type Values = Record<string, string>;

async function valuesOf(database: DataSource, statement: string): Promise<Values> {
  const rows: { Variable_name: string; Value: string }[] = await database.query(statement);
  return Object.fromEntries(rows.map(({ Variable_name: name, Value: value }) => [name, value]));
}
