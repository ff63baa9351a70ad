import { CountedRanges } from './counted-ranges.js';

/** 9 accounts with ids 1 to 9, none from 10 to 19, 4 from 20 to 29, and 10 from 30 to 39. */
const counted = () =>
  new CountedRanges(10, [
    [0, 9],
    [2, 4],
    [3, 10],
  ]);

describe('The account count', () => {
  it('has the number of all accounts', () => {
    expect(counted().total).toBe(23);
    expect(new CountedRanges(10, []).total).toBe(0);
  });

  it.each([
    [0, { firstId: 0, skip: 0, left: 23 }],
    [8, { firstId: 0, skip: 8, left: 15 }],
    [9, { firstId: 20, skip: 0, left: 14 }],
    [12, { firstId: 20, skip: 3, left: 11 }],
    [13, { firstId: 30, skip: 0, left: 10 }],
    [22, { firstId: 30, skip: 9, left: 1 }],
    [23, null],
    [1_000, null],
  ])('finds where the page after %i accounts begins', (offset, start) => {
    expect(counted().startOf(offset)).toEqual(start);
  });

  it('finds no page where there are no accounts', () => {
    expect(new CountedRanges(10, []).startOf(0)).toBeNull();
  });

  it('follows accounts that are created and deleted', () => {
    const followed = counted();
    followed.note(21, -1);
    followed.note(40, 1);
    followed.note(41, 1);
    expect(followed.total).toBe(24);
    expect(followed.startOf(12)).toEqual({ firstId: 30, skip: 0, left: 12 });
    expect(followed.startOf(23)).toEqual({ firstId: 40, skip: 1, left: 1 });
  });

  it.each([
    { what: 'an account that the counts include', isCounted: true, changes: [1] as const, total: 23 },
    { what: 'an account that they do not include yet', isCounted: false, changes: [1] as const, total: 24 },
    { what: 'an account that is gone from them', isCounted: false, changes: [-1] as const, total: 23 },
    { what: 'an account that they still include', isCounted: true, changes: [-1] as const, total: 22 },
    {
      what: 'an account that came before them and goes after them',
      isCounted: true,
      changes: [1, -1] as const,
      total: 22,
    },
    { what: 'an account that comes and goes after them', isCounted: false, changes: [1, -1] as const, total: 23 },
  ])('counts $what once', ({ isCounted, changes, total }) => {
    const followed = new CountedRanges(10, [[2, 23]], new Map([[21, isCounted]]));
    for (const change of changes) followed.note(21, change);
    expect(followed.total).toBe(total);
  });

  it('ignores the deletion of an account that another process has created since', () => {
    const followed = new CountedRanges(10, [[2, 4]], new Map(), 24);
    followed.note(25, -1);
    expect(followed.total).toBe(4);
    followed.note(26, 1);
    expect(followed.total).toBe(5);
    followed.note(26, -1);
    followed.note(24, -1);
    expect(followed.total).toBe(3);
  });

  it.each([
    [2, 20],
    [4, 10],
    [100, 10],
  ])('would have about %i ranges with a width of %i', (ranges, width) => {
    expect(counted().widthFor(ranges, 10)).toBe(width);
  });
});
