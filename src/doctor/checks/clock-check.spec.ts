import { verdictOf } from './clock-check.js';

describe('A clock', () => {
  it.each([
    [0, 'ok'],
    [1.9, 'ok'],
    [-2, 'warning'],
    [59.9, 'warning'],
    [60, 'error'],
    [-3600, 'error'],
  ] as const)('%d s ahead is %s', (ahead, level) => {
    expect(verdictOf(ahead).level).toBe(level);
  });

  it('is told which way it is wrong', () => {
    expect(verdictOf(-5).message).toContain("5 s behind the database's");
    expect(verdictOf(90).message).toContain("90 s ahead of the database's");
  });
});
