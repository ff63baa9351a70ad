import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFUSAL_REASONS } from '../../src/auth/auth.errors.js';
import { DatabasePool } from '../../src/database/database-pool.js';
import { measurePool } from '../../src/database/pool-metrics.js';
import { ACCOUNT_EVENTS } from '../../src/events/account-events.service.js';
import { AUTH_METHODS } from '../../src/common/request-context.js';
import { Metrics } from '../../src/metrics/metrics.service.js';

const root = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const docs = read('docs/insight.md');

/** The words in code at the beginning of each row of a table, by its heading. */
const rowsOf = (heading: string) => {
  const [, table = ''] = new RegExp(`^\\| ${heading} .*\\n\\|[ -|]*\\n((?:\\|.*\\n)*)`, 'm').exec(docs) ?? [];
  return table
    .trim()
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()));
};
const firstCells = (heading: string) => rowsOf(heading).map(([, cell = '']) => cell.replaceAll('`', ''));

interface Described {
  name: string;
  type: string;
  labelNames: string[];
}

function allMetrics(): Described[] {
  const metrics = new Metrics();
  measurePool(metrics, new DatabasePool());
  const { registry } = metrics as unknown as { registry: { getMetricsAsArray(): Described[] } };
  return registry.getMetricsAsArray();
}

describe('docs/insight.md', () => {
  it('has each metric, with its labels, and no other', () => {
    const published = rowsOf('metric').map(([, name = '', labels = '']) =>
      [name, labels].join(' ').replaceAll(/[`,]/g, '').trim(),
    );
    expect(published.toSorted()).toEqual(
      allMetrics()
        .map(({ name, labelNames }) => [name, ...labelNames].join(' '))
        .toSorted(),
    );
  });

  it('has each event, each auth method, and no other', () => {
    expect(firstCells('event')).toEqual(ACCOUNT_EVENTS);
    expect(firstCells('means')).toEqual(AUTH_METHODS);
  });

  it.each(REFUSAL_REASONS)('explains that an attempt is refused as %s', (reason) => {
    expect(docs).toContain(`\`${reason}\``);
  });

  it.each(['METRICS_HOST=127.0.0.1', 'METRICS_PORT=9464'])('explains %s', (line) => {
    expect(read('.env.example')).toContain(`#${line}\n`);
  });
});

describe.each(['grafana-dashboard.json', 'prometheus-alerts.yml'])('deploy/%s', (file) => {
  it('asks for metrics that there are', () => {
    const suffixes = { histogram: ['_bucket', '_sum', '_count'], counter: [''], gauge: [''] };
    const known = new Set(
      allMetrics().flatMap(({ name, type }) =>
        (suffixes[type as keyof typeof suffixes] ?? []).map((suffix) => name + suffix),
      ),
    );
    const asked = [...read(`deploy/${file}`).matchAll(/\bflexisip_api_\w+/g)].map(([name]) => name);
    expect([...new Set(asked)].filter((name) => !known.has(name))).toEqual([]);
    expect(asked.length).toBeGreaterThan(5);
  });
});

describe('The dashboard', () => {
  interface Panel {
    id: number;
    gridPos: { x: number; y: number; w: number; h: number };
    targets?: { expr: string; datasource: { uid: string } }[];
  }
  const dashboard = JSON.parse(read('deploy/grafana-dashboard.json')) as {
    templating: { list: { name: string }[] };
    panels: Panel[];
  };

  it('reads from the data source that is chosen, and lays out its panels side by side', () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job']);
    const places = new Set<string>();
    let fields = 0;
    for (const { gridPos, targets = [] } of dashboard.panels) {
      for (const { datasource, expr } of targets) {
        expect(datasource.uid).toBe('${datasource}');
        expect(expr).toContain('job="$job"');
      }
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) places.add(`${x} ${y}`);
      }
      fields += gridPos.w * gridPos.h;
    }
    expect(places.size).toBe(fields);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});
