import type { Route } from './exchange.js';
import { type Figures, medians } from './measure.js';

/** A route with its figures, run by run. */
export interface Result {
  readonly route: Route;
  readonly runs: {
    readonly service: readonly Figures[];
    /** Empty if the floor was not measured. */
    readonly floor: readonly Figures[];
    /** Empty if no other build was measured. */
    readonly before: readonly Figures[];
  };
}

/**
 * The ratio of CPU time per request of the service to that of the floor: the median over the runs, each compared with
 * the floor's run of the same number.
 */
export function ratioOf({ runs: { service, floor } }: Result): number | null {
  const ratios = ratiosOf(service, floor);
  return ratios[Math.floor(ratios.length / 2)] ?? null;
}

/** The lowest of these ratios. */
export function leastRatioOf({ runs: { service, floor } }: Result): number | null {
  return ratiosOf(service, floor)[0] ?? null;
}

function ratiosOf(service: readonly Figures[], floor: readonly Figures[]): number[] {
  return floor
    .map(({ serverCpu }, index) => (service[index]?.serverCpu ?? NaN) / serverCpu)
    .toSorted((one, other) => one - other);
}

type Column = readonly [heading: string, cell: (figures: Figures, result: Result) => string];

const whole = (heading: string, figure: keyof Figures): Column => [heading, (figures) => figures[figure].toFixed(0)];

/** The figures as a Markdown table. CPU is microseconds per request, separately for the server and the database. */
export function toTable(results: readonly Result[], accounts: number): string {
  const columns: readonly Column[] = [
    whole('req/s', 'requestsPerSecond'),
    ['p50 ms', ({ p50 }) => p50.toFixed(1)],
    ['p99 ms', ({ p99 }) => p99.toFixed(1)],
    whole('CPU us', 'serverCpu'),
    whole('DB us', 'databaseCpu'),
    whole('MB', 'memory'),
    ['x 2021', ({ requestsPerSecond }, { route }) => times2021(requestsPerSecond, route, accounts)],
  ];
  const others = (['before', 'floor'] as const).filter((name) => results.some(({ runs }) => runs[name].length > 0));
  const beside = [whole('req/s', 'requestsPerSecond'), whole('CPU us', 'serverCpu'), whole('DB us', 'databaseCpu')];
  const headings = [
    'route',
    ...columns.map(([heading]) => heading),
    ...others.flatMap((name) => beside.map(([heading]) => `${name} ${heading}`)),
    ...(others.includes('floor') ? ['ratio'] : []),
  ];
  const rows = results.map((result) => [
    result.route.name,
    ...columns.map(([, cell]) => cell(medians(result.runs.service), result)),
    ...others.flatMap((name) => beside.map(([, cell]) => cell(medians(result.runs[name]), result))),
    ...(others.includes('floor') ? [ratioOf(result)?.toFixed(2) ?? ''] : []),
  ]);
  return inMarkdown(headings, rows);
}

/** The ratio of requests per second to those of the 2021 server. */
function times2021(requestsPerSecond: number, { in2021 }: Route, accounts: number): string {
  const then = in2021?.[accounts >= 1_000_000 ? 1 : 0] ?? null;
  return then === null ? '' : (requestsPerSecond / then).toFixed(0);
}

/** A table whose first column is text and whose other columns are numbers. */
export function inMarkdown(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [headings, rule, ...rows].map(line).join('\n');
}
