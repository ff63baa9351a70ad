import { AttemptGate } from './attempt-gate.js';

/** Work that ends when the test says so. */
class Work {
  readonly begun: Promise<void>;
  private begin!: () => void;
  private settle!: (error?: Error) => void;
  private readonly end: Promise<void>;

  constructor() {
    this.begun = new Promise((resolve) => (this.begin = resolve));
    this.end = new Promise((resolve, reject) => (this.settle = (error) => (error ? reject(error) : resolve())));
  }

  readonly run = async (): Promise<string> => {
    this.begin();
    await this.end;
    return 'done';
  };

  finish(): void {
    this.settle();
  }

  fail(): void {
    this.settle(new Error('wrong'));
  }
}

describe('AttemptGate', () => {
  const noFailure = async () => undefined;

  it('lets as many attempts begin as there is room for, and the next one when one ends', async () => {
    const gate = new AttemptGate();
    const works = [new Work(), new Work(), new Work()];
    const results = works.map(({ run }) => gate.run(['key'], async () => [2], run, noFailure));
    await works[0]?.begun;
    await works[1]?.begun;
    const third = works[2]?.begun.then(() => 'third');
    works[0]?.finish();
    expect(await Promise.race([third, results[0]?.then(() => 'first')])).toBe('first');
    expect(await third).toBe('third');
    for (const work of works) work.finish();
    expect(await Promise.all(results)).toEqual(['done', 'done', 'done']);
  });

  it('asks for room again after a failure, and rejects an attempt that finds none', async () => {
    const gate = new AttemptGate();
    let room = 1;
    const roomFor = async () => {
      if (room === 0) throw new Error('full');
      return [room];
    };
    const [first, second] = [new Work(), new Work()];
    const results = [first, second].map(({ run }) => gate.run(['key'], roomFor, run, async () => void (room -= 1)));
    await first.begun;
    first.fail();
    await expect(results[0]).rejects.toThrow('wrong');
    await expect(results[1]).rejects.toThrow('full');
  });

  it('needs room for every key of an attempt, and keeps other keys apart', async () => {
    const gate = new AttemptGate();
    const [both, other] = [new Work(), new Work()];
    const first = gate.run(['a', 'b'], async () => [1, 1], both.run, noFailure);
    await both.begun;
    const second = gate.run(['c'], async () => [1], other.run, noFailure);
    await other.begun;
    const third = new Work();
    const waiting = gate.run(['b'], async () => [1], third.run, noFailure);
    both.finish();
    await third.begun;
    for (const work of [other, third]) work.finish();
    expect(await Promise.all([first, second, waiting])).toEqual(['done', 'done', 'done']);
  });

  it('rejects an attempt that has waited for five seconds', async () => {
    jest.useFakeTimers({ now: 0 });
    const gate = new AttemptGate();
    const work = new Work();
    const first = gate.run(['key'], async () => [1], work.run, noFailure);
    await work.begun;
    const second = gate.run(
      ['key'],
      async () => [1],
      async () => 'never',
      noFailure,
    );
    const refused = second.catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await refused).toMatchObject({ code: 'too_many_attempts', retryAfter: 1 });
    jest.useRealTimers();
    work.finish();
    await first;
  });
});
