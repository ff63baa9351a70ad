import type { Metrics } from '../metrics/metrics.service.js';
import type { DatabasePool } from './database-pool.js';

/** Shows what the pool of connections to MySQL does; the two connections to SQLite are no pool. */
export function measurePool(metrics: Metrics, pool: DatabasePool): void {
  metrics.addGauge('database_connections', 'Connections to the database, and calls that wait for one', 'state', () => {
    return pool.current?.usage ?? null;
  });
}
