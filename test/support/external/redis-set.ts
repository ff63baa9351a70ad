import { freePort } from '../private-mariadb.js';
import { PrivateRedis } from './private-redis.js';
import { until } from '../until.js';

/** A primary and its replica, already in contact. */
export async function replicatedRedis(
  lines: readonly string[] = [],
): Promise<[primary: PrivateRedis, replica: PrivateRedis]> {
  const primary = await PrivateRedis.start({ lines });
  const replica = await PrivateRedis.start({ lines: [...lines, `replicaof 127.0.0.1 ${primary.port}`] });
  await until(async () => (await replica.client.info('replication')).includes('master_link_status:up'));
  return [primary, replica];
}

/** Swaps the roles of primary and replica. Connections stay open. */
export async function switchOver(primary: PrivateRedis, replica: PrivateRedis): Promise<void> {
  await primary.client.wait(1, 5_000);
  await replica.client.call('REPLICAOF', 'NO', 'ONE');
  await primary.client.call('REPLICAOF', '127.0.0.1', replica.port);
}

/** A Sentinel that watches a primary without a replica. */
export function sentinelOf(primary: PrivateRedis, name: string, lines: readonly string[] = []): Promise<PrivateRedis> {
  const quick = [`sentinel down-after-milliseconds ${name} 500`, `sentinel failover-timeout ${name} 2000`];
  return PrivateRedis.start({
    isSentinel: true,
    lines: [...lines, `sentinel monitor ${name} 127.0.0.1 ${primary.port} 1`, ...quick],
  });
}

/** Two nodes of a Redis Cluster, each with half of the slots. */
export async function clusterOfRedis(lines: readonly string[] = []): Promise<[PrivateRedis, PrivateRedis]> {
  const node = async () =>
    PrivateRedis.start({
      lines: [...lines, 'cluster-enabled yes', 'cluster-require-full-coverage no', `cluster-port ${await freePort()}`],
    });
  const [one, other] = [await node(), await node()];
  await one.client.call('CLUSTER', 'ADDSLOTSRANGE', 0, 8191);
  await other.client.call('CLUSTER', 'ADDSLOTSRANGE', 8192, 16_383);
  const [bus] =
    /cluster-port (\d+)/.exec(String(await other.client.config('GET', 'cluster-port')).replace(',', ' ')) ?? [];
  await one.client.call('CLUSTER', 'MEET', '127.0.0.1', other.port, Number(bus?.split(' ')[1]));
  await until(async () => String(await one.client.call('CLUSTER', 'INFO')).includes('cluster_slots_assigned:16384'));
  return [one, other];
}
