import { paginate } from './pagination.js';

const linksOf = (page: number, last: number, isPerPageGiven = false) =>
  paginate([], last * 20, { path: 'https://example.org/accounts', page, perPage: 20, isPerPageGiven }).links;
const labelsOf = (page: number, last: number) =>
  linksOf(page, last)
    .slice(1, -1)
    .map(({ label, active }) => (active ? `[${label}]` : label))
    .join(' ');

describe('The links of a page', () => {
  it.each([
    [1, 0, '[1]'],
    [1, 1, '[1]'],
    [2, 3, '1 [2] 3'],
    [7, 13, '1 2 3 4 5 6 [7] 8 9 10 11 12 13'],
    [1, 14, '[1] 2 3 4 5 6 7 8 9 10 ... 13 14'],
    [7, 14, '1 2 3 4 5 6 [7] 8 9 10 ... 13 14'],
    [8, 14, '1 2 ... 5 6 7 [8] 9 10 11 12 13 14'],
    [8, 16, '1 2 ... 5 6 7 [8] 9 10 11 ... 15 16'],
    [9, 16, '1 2 ... 6 7 8 [9] 10 11 12 ... 15 16'],
    [10, 16, '1 2 ... 7 8 9 [10] 11 12 13 14 15 16'],
    [25_000, 50_000, '1 2 ... 24997 24998 24999 [25000] 25001 25002 25003 ... 49999 50000'],
    [50_000, 50_000, '1 2 ... 49991 49992 49993 49994 49995 49996 49997 49998 49999 [50000]'],
    [60_000, 50_000, '1 2 ... 49991 49992 49993 49994 49995 49996 49997 49998 49999 50000'],
  ])('lead from page %i of %i to %s', (page, last, labels) => {
    expect(labelsOf(page, last)).toBe(labels);
  });

  it('begin with the previous page and end with the next one', () => {
    const url = (page: number) => `https://example.org/accounts?page=${page}`;
    expect(linksOf(2, 3)).toEqual([
      { url: url(1), label: '&laquo; Previous', active: false },
      { url: url(1), label: '1', active: false },
      { url: url(2), label: '2', active: true },
      { url: url(3), label: '3', active: false },
      { url: url(3), label: 'Next &raquo;', active: false },
    ]);
    expect([linksOf(1, 1)[0]?.url, linksOf(1, 1).at(-1)?.url]).toEqual([null, null]);
    expect(linksOf(8, 20)[3]).toEqual({ url: null, label: '...', active: false });
    expect(linksOf(1, 3, true)[2]?.url).toBe('https://example.org/accounts?per_page=20&page=2');
  });
});
