import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createConnection } from 'mysql2/promise';
import { PrivateMariadb } from './private-mariadb';
import { freePort, type ServerAccess } from './private-server';
import { until } from './until';

/** Where distributions install the replication library; TEST_GALERA_PROVIDER names another path. */
const PROVIDERS = [
  '/usr/lib/galera/libgalera_smm.so',
  '/usr/lib64/galera-4/libgalera_smm.so',
  '/usr/lib64/galera/libgalera_smm.so',
];

const NODES = 3;

/** Seconds within which a node must join its cluster. */
const MOST = 120;

/** A snapshot must also be received on the loopback interface; mariadbd has no option for that. */
const CONFIGURATION = '[sst]\nsockopt=",bind=127.0.0.1"\n';

/** The replication library; undefined if it is not installed. */
function galeraProvider(): string | undefined {
  return process.env.TEST_GALERA_PROVIDER ?? PROVIDERS.find((path) => existsSync(path));
}

/**
 * A private Galera cluster of three MariaDB nodes, on free ports of the loopback interface. Its data folders are
 * removed with it. A node that returns gets the writes that it missed from another node.
 */
export class PrivateGalera {
  private constructor(readonly nodes: readonly PrivateMariadb[]) {}

  /** @param options of each node, in addition to those for tests. */
  static async start(options: readonly string[] = []): Promise<PrivateGalera> {
    const provider = galeraProvider();
    if (!provider)
      throw new Error('The library of Galera is not there: install galera-4, or set TEST_GALERA_PROVIDER.');
    const ports: Ports[] = [];
    for (let node = 0; node < NODES; node++)
      ports.push({ group: await freePort(), increments: await freePort(), snapshot: await freePort() });
    const optionsOf = (node: number) => [...wsrepOptions(provider, ports, node), ...options];
    const first = await PrivateMariadb.start([...optionsOf(0), '--wsrep-new-cluster'], tmpdir(), CONFIGURATION);
    await first.shutDown();
    // The other nodes are copies of the first one, so they need no long transfer.
    const nodes = [await first.copy(optionsOf(0)), await first.copy(optionsOf(1)), await first.copy(optionsOf(2))];
    await first.stop();
    const cluster = new PrivateGalera(nodes);
    try {
      await Promise.all(nodes.map((node, index) => node.comeBack(index === 0 ? ['--wsrep-new-cluster'] : [])));
      await Promise.all(nodes.map((node) => untilSynced(node.access, NODES)));
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** A node by its number, from 0. */
  node(index: number): PrivateMariadb {
    return this.nodes[index] as PrivateMariadb;
  }

  /** Restarts an ended node and waits until it has all writes that it missed. */
  async rejoin(index: number): Promise<void> {
    // A killed node has not saved its position, but its tables contain it. With that position it gets only the missing
    // writes and not everything.
    const [, position] = /Recovered position: ?(\S+)/.exec(this.node(index).say('--wsrep-recover')) ?? [];
    await this.node(index).comeBack(position ? [`--wsrep-start-position=${position}`] : []);
    await untilSynced(this.node(index).access, NODES);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

/** Waits until a node is in a cluster of the given size and has all writes of the others. */
async function untilSynced(access: ServerAccess, size: number): Promise<void> {
  let status: Record<string, string> | null = null;
  const isSynced = async () => {
    status = await wsrepStatus(access).catch(() => null);
    return status?.wsrep_local_state_comment === 'Synced' && Number(status.wsrep_cluster_size) === size;
  };
  await until(isSynced, { seconds: MOST, pause: 100 }).catch(() => {
    throw new Error(`the node on port ${access.port} did not join its cluster: ${JSON.stringify(status)}`);
  });
}

/** The status that a node reports about itself and its cluster. */
async function wsrepStatus(access: ServerAccess): Promise<Record<string, string>> {
  const connection = await createConnection(access);
  try {
    const [rows] = await connection.query("SHOW GLOBAL STATUS LIKE 'wsrep%'");
    return Object.fromEntries(
      (rows as { Variable_name: string; Value: string }[]).map((row) => [row.Variable_name, row.Value]),
    );
  } finally {
    await connection.end();
  }
}

interface Ports {
  readonly group: number;
  readonly increments: number;
  readonly snapshot: number;
}

function wsrepOptions(provider: string, ports: readonly Ports[], node: number): string[] {
  const { group, increments, snapshot } = ports[node] as Ports;
  const listening = { 'gmcast.listen_addr': `tcp://127.0.0.1:${group}`, 'ist.recv_addr': `127.0.0.1:${increments}` };
  const provided = {
    base_host: '127.0.0.1',
    base_port: group,
    ...listening,
    'gcache.size': '32M',
  };
  return [
    '--binlog-format=ROW',
    '--innodb-autoinc-lock-mode=2',
    '--innodb-buffer-pool-size=64M',
    '--wsrep-on=ON',
    `--wsrep-provider=${provider}`,
    '--wsrep-cluster-name=flexisip-api-test',
    `--wsrep-cluster-address=gcomm://${ports.map((one) => `127.0.0.1:${one.group}`).join(',')}`,
    '--wsrep-node-address=127.0.0.1',
    `--wsrep-node-name=node-${node}`,
    '--wsrep-sst-method=mariabackup',
    '--wsrep-sst-auth=tester:tester',
    `--wsrep-sst-receive-address=127.0.0.1:${snapshot}`,
    '--wsrep-slave-threads=2',
    `--wsrep-provider-options=${Object.entries(provided)
      .map(([name, value]) => `${name}=${value}`)
      .join(';')}`,
  ];
}
