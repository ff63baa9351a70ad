// These imports have no `.js`, for the reason given in project-server.ts.
import { PrivateGalera } from './private-galera';
import { setUp } from './project-server';

/** Starts a cluster and puts its nodes into the environment for the tests. */
export default async function galeraSetUp(): Promise<void> {
  const cluster = await PrivateGalera.start();
  (globalThis.privateServers ??= []).push(...cluster.nodes);
  const nodes = cluster.nodes.map(({ access }) => access);
  process.env.TEST_GALERA_NODES = JSON.stringify(nodes);
  const [first] = nodes;
  if (first) await setUp('galera', first);
}
