import type { Route } from './exchange.js';
import { Installation, PROGRAMS } from './installation.js';
import { type Figures, run, warmUp } from './measure.js';
import type { Options } from './options.js';
import type { Result } from './report.js';
import type { Server } from './server.js';

/** The servers that are compared. */
interface Contender {
  readonly name: 'service' | 'floor' | 'before';
  readonly server: Server;
}

/**
 * Measures each route on the service and on the servers that it is compared with, with the same database.
 *
 * @param say receives a line when a step is done.
 */
export async function compare(options: Options, say: (text: string) => void): Promise<Result[]> {
  const installation = await Installation.start(options.accounts, (count) => say(`${count} accounts`));
  const contenders: Contender[] = [];
  try {
    const settings = {
      ...(await installation.nonceStore(options.nonceStore)),
      WEB_CONCURRENCY: String(options.processes),
    };
    contenders.push({ name: 'service', server: await installation.server(PROGRAMS.service, settings) });
    if (options.hasFloor) contenders.push({ name: 'floor', server: await installation.server(PROGRAMS.floor) });
    if (options.before !== null) contenders.push({ name: 'before', server: await installation.server(options.before) });
    say(contenders.map(({ name, server }) => `${name} started in ${server.secondsToStart.toFixed(2)} s`).join(', '));
    const results: Result[] = [];
    for (const route of options.routes) {
      const result = await compareOn(route, installation, contenders, options);
      results.push(result);
      say(`${route.name}: ${result.runs.service.map(({ serverCpu }) => serverCpu.toFixed(0)).join(', ')} us`);
    }
    return results;
  } finally {
    for (const { server } of contenders) await server.stop();
    await installation.stop();
  }
}

/** The servers take turns, so that other load on the machine affects all of them equally. */
async function compareOn(
  route: Route,
  installation: Installation,
  contenders: readonly Contender[],
  options: Options,
): Promise<Result> {
  const runs = { service: [] as Figures[], floor: [] as Figures[], before: [] as Figures[] };
  for (const { server } of contenders) await warmUp(installation, server, route, options);
  for (let turn = 0; turn < options.runs; turn += 1) {
    for (const { name, server } of contenders) runs[name].push(await run(installation, server, route, options));
  }
  return { route, runs };
}
