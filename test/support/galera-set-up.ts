// As in project-server.ts, these imports have no `.js`.
import { PrivateGalera } from './private-galera';
import { setUp } from './project-server';

/** Starts a cluster, whose nodes tests find in the environment. */
export default async function galeraSetUp(): Promise<void> {
  const cluster = await PrivateGalera.start();
  (globalThis.privateServers ??= []).push(...cluster.nodes);
  const nodes = cluster.nodes.map(({ access }) => access);
  process.env.TEST_GALERA_NODES = JSON.stringify(nodes);
  const [first] = nodes;
  if (first) await setUp('galera', first);
}
