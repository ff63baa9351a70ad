import type { DataSource } from 'typeorm';
import type { Metrics } from '../metrics/metrics.service.js';
import { BoundedPool } from './bounded-pool.js';

/** Shows what the pool of connections to MySQL does; the two connections to SQLite are no pool. */
export function measurePool(metrics: Metrics, dataSource: DataSource): void {
  metrics.addGauge('database_connections', 'Connections to the database, and calls that wait for one', 'state', () => {
    const { pool } = dataSource.driver as { pool?: unknown };
    return pool instanceof BoundedPool ? pool.usage : null;
  });
}
