import { formatDateTime, parseDateTime } from './utc-date-time.js';

describe('UTC moments as text', () => {
  const SECOND = 1000;
  const FIRST = Date.UTC(1000, 0, 1);
  const LAST = Date.UTC(9999, 11, 31, 23, 59, 59);

  it('are written as Date writes them, and read back, over nine thousand years', () => {
    // The step is a prime number of seconds, so that all hours, days and months occur.
    for (let time = FIRST; time <= LAST; time += 86_028_121 * SECOND) {
      const date = new Date(time);
      const text = date.toISOString().slice(0, 19).replace('T', ' ');
      expect(formatDateTime(date)).toBe(text);
      expect(parseDateTime(text)).toEqual(date);
    }
  });

  it.each(['1000-01-01 00:00:00', '2024-02-29 12:34:56', '9999-12-31 23:59:59'])('take %s', (text) => {
    expect(formatDateTime(parseDateTime(text) as Date)).toBe(text);
  });

  it('leave fractions of a second away', () => {
    expect(parseDateTime('2026-11-26 10:20:30.999')).toEqual(new Date('2026-11-26T10:20:30Z'));
    expect(formatDateTime(new Date('2026-11-26T10:20:30.999Z'))).toBe('2026-11-26 10:20:30');
  });

  it.each([
    null,
    '',
    'now',
    '0000-00-00 00:00:00',
    '0021-06-01 00:00:00',
    '2021-00-10 00:00:00',
    '2021-13-10 00:00:00',
    '2021-02-29 00:00:00',
    '2021-02-30 00:00:00',
    '2021-04-31 00:00:00',
    '2021-04-00 00:00:00',
    '2021-04-30 24:00:00',
    '2021-04-30 23:60:00',
    '2021-04-30 23:59:60',
    '2021-04-30T23:59:59',
    '2021-04-30 23:59:59Z',
    ' 2021-04-30 23:59:59',
  ])('find no moment in %p', (text) => {
    expect(parseDateTime(text)).toBeNull();
  });
});
