import { drive } from './drive.js';
import type { Route } from './exchange.js';
import type { Installation } from './installation.js';
import { cpuTime } from './process-usage.js';
import type { Server } from './server.js';

/** A target of a measurement: a server, or several behind a proxy. */
export type Target = Pick<Server, 'origin' | 'memory' | 'cpuTime'>;

/** The cost of a route on a server. */
export interface Figures {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds per request. */
  readonly serverCpu: number;
  readonly databaseCpu: number;
  /** MB at the end. */
  readonly memory: number;
}

/** Seconds of warm-up, in which the code is compiled and connections are opened. */
const WARM_UP = 2;

export interface Extent {
  readonly seconds: number;
  readonly connections: number;
}

/** Warms a server up for a route. */
export async function warmUp(
  installation: Installation,
  server: Target,
  route: Route,
  { connections }: Extent,
): Promise<void> {
  await run(installation, server, route, { seconds: WARM_UP, connections });
}

/** Measures a route once. */
export async function run(
  installation: Installation,
  server: Target,
  route: Route,
  { seconds, connections }: Extent,
): Promise<Figures> {
  const surroundings = installation.surroundings(server);
  await route.prepare?.(surroundings, seconds);
  const sources = await Promise.all(Array.from({ length: connections }, () => route.connect(surroundings)));
  surroundings.close();
  const before = { server: server.cpuTime(), database: cpuTime(installation.mariadb.pid) };
  const { requests, seconds: taken, times } = await drive(server.origin, sources, seconds);
  return {
    requestsPerSecond: requests / taken,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    serverCpu: ((server.cpuTime() - before.server) * 1000) / requests,
    databaseCpu: ((cpuTime(installation.mariadb.pid) - before.database) * 1000) / requests,
    memory: server.memory,
  };
}

/** The median of each figure, so that one disturbance on a noisy machine does not decide. */
export function medians(measurements: readonly Figures[]): Figures {
  const median = (figure: keyof Figures) =>
    quantile(
      measurements.map((one) => one[figure]).toSorted((one, other) => one - other),
      0.5,
    );
  return {
    requestsPerSecond: median('requestsPerSecond'),
    p50: median('p50'),
    p99: median('p99'),
    serverCpu: median('serverCpu'),
    databaseCpu: median('databaseCpu'),
    memory: median('memory'),
  };
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0;
}
