import { parsed, type Route } from '../exchange.js';
import type { Population } from '../population.js';

const PER_PAGE = 20;

/** The list of accounts, read by an administrator at one of its pages. */
function list(name: string, in2021: [number, number] | undefined, pageOf: (population: Population) => number): Route {
  return {
    name,
    in2021,
    mostRatio: 2,
    connect:
      async ({ population }) =>
      () => {
        const { administrator } = population;
        const page = pageOf(population);
        return {
          method: 'GET',
          path: `/api/accounts?page=${page}`,
          headers: { from: `sip:${administrator.sip}`, 'x-api-key': population.keyOf(administrator) },
          isRight: (status, body) => status === 200 && isPage(page, parsed(body), population),
        };
      },
  };
}

function isPage(page: number, { data, total, from }: Record<string, unknown>, { size }: Population): boolean {
  if (!Array.isArray(data) || data.length !== PER_PAGE || Number(total) < size) return false;
  const first = (page - 1) * PER_PAGE + 1;
  return from === first && (data as { id: number }[]).every(({ id }, index) => id === first + index);
}

export const lists = [
  list('GET accounts, page 1', [170, 10.4], () => 1),
  list('GET accounts, middle', undefined, ({ size }) => Math.floor(size / PER_PAGE / 2)),
  list('GET accounts, last page', [117, 3.2], ({ size }) => Math.floor(size / PER_PAGE)),
];
