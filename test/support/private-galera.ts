import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createConnection } from 'mysql2/promise';
import { PrivateMariadb } from './private-mariadb';
import { freePort, type ServerAccess } from './private-server';

/** Where distributions put the library that replicates; TEST_GALERA_PROVIDER names another place. */
const PROVIDERS = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera-4/libgalera_smm.so', '/usr/lib64/galera/libgalera_smm.so'];

const NODES = 3;

/** Seconds in which a node must have joined its cluster. */
const MOST = 120;

/** A snapshot is received on the loopback interface as well; there is no option of mariadbd for that. */
const CONFIGURATION = '[sst]\nsockopt=",bind=127.0.0.1"\n';

/** The library that replicates, or undefined where there is none. */
export function galeraProvider(): string | undefined {
  return process.env.TEST_GALERA_PROVIDER ?? PROVIDERS.find((path) => existsSync(path));
}

/**
 * A Galera cluster of three MariaDB nodes of our own, on free ports of the loopback interface, with their data in folders that go
 * with them. Nodes that come back get what they missed from another node.
 */
export class PrivateGalera {
  private constructor(readonly nodes: readonly PrivateMariadb[]) {}

  /** @param options of each node, besides those for tests. */
  static async start(options: readonly string[] = []): Promise<PrivateGalera> {
    const provider = galeraProvider();
    if (!provider) throw new Error('The library of Galera is not there: install galera-4, or set TEST_GALERA_PROVIDER.');
    const ports: Ports[] = [];
    for (let node = 0; node < NODES; node++)
      ports.push({ group: await freePort(), increments: await freePort(), snapshot: await freePort() });
    const optionsOf = (node: number) => [...wsrepOptions(provider, ports, node), ...options];
    const first = await PrivateMariadb.start([...optionsOf(0), '--wsrep-new-cluster'], tmpdir(), CONFIGURATION);
    await first.shutDown();
    // As copies of the first, the others need nothing that takes long to transfer.
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

  /** A node, by its number from 0. */
  node(index: number): PrivateMariadb {
    return this.nodes[index] as PrivateMariadb;
  }

  /** Starts a node again that has ended, and waits until it has all that it missed. */
  async rejoin(index: number): Promise<void> {
    // A node that was killed has not written down how far it was; its tables know. It gets the rest, instead of all, that way.
    const [, position] = /Recovered position: ?(\S+)/.exec(this.node(index).say('--wsrep-recover')) ?? [];
    await this.node(index).comeBack(position ? [`--wsrep-start-position=${position}`] : []);
    await untilSynced(this.node(index).access, NODES);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

/** Waits until a node is part of a cluster of so many, with all that the others have. */
export async function untilSynced(access: ServerAccess, size: number): Promise<void> {
  for (const end = Date.now() + MOST * 1000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const status = await wsrepStatus(access).catch(() => null);
    if (status?.wsrep_local_state_comment === 'Synced' && Number(status.wsrep_cluster_size) === size) return;
    if (Date.now() > end) throw new Error(`the node on port ${access.port} did not join its cluster: ${JSON.stringify(status)}`);
  }
}

/** What a node says of itself and its cluster. */
export async function wsrepStatus(access: ServerAccess): Promise<Record<string, string>> {
  const connection = await createConnection(access);
  try {
    const [rows] = await connection.query("SHOW GLOBAL STATUS LIKE 'wsrep%'");
    return Object.fromEntries((rows as { Variable_name: string; Value: string }[]).map((row) => [row.Variable_name, row.Value]));
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
