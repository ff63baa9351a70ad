import { Metrics } from '../../src/metrics/metrics.service.js';
import type { Api } from './api.js';

export type Samples = Record<string, number>;

/** The values of a metric, by its labels in the form `method="GET",route="/api"`. Zeros are left out. */
export async function samplesOf(api: Api, name: string): Promise<Samples> {
  const metric = (await api.app.get(Metrics).snapshot()).find((one) => one.name === name);
  if (!metric) throw new Error(`there is no metric ${name}`);
  const lines = metric.values.map(({ labels, value }) => [
    Object.entries(labels)
      .map(([label, text]) => `${label}="${text}"`)
      .toSorted()
      .join(','),
    value,
  ]);
  return Object.fromEntries(lines.filter(([, value]) => value !== 0)) as Samples;
}

/** The increase of a metric while work runs. */
export async function countedBy(api: Api, name: string, work: () => Promise<unknown>): Promise<Samples> {
  const before = await samplesOf(api, name);
  await work();
  const differences = Object.entries(await samplesOf(api, name)).map(([labels, value]) => [
    labels,
    value - (before[labels] ?? 0),
  ]);
  return Object.fromEntries(differences.filter(([, value]) => value !== 0)) as Samples;
}
