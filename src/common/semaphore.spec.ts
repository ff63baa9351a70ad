import { Semaphore } from './semaphore.js';

describe('Semaphore', () => {
  it('lets callers in while there is room, and the others in the order in which they came', async () => {
    const semaphore = new Semaphore(2);
    const order: string[] = [];
    const entries = ['a', 'b', 'c', 'd'].map((name) => semaphore.enter().then(() => order.push(name)));
    await Promise.all(entries.slice(0, 2));
    expect(order).toEqual(['a', 'b']);
    expect(semaphore).toMatchObject({ running: 2, waiting: 2 });
    semaphore.leave();
    semaphore.leave();
    await Promise.all(entries);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    expect(semaphore).toMatchObject({ running: 2, waiting: 0 });
  });

  it('lets the next caller in after work that fails', async () => {
    const semaphore = new Semaphore(1);
    const failing = semaphore.run(() => Promise.reject(new Error('failed')));
    const next = semaphore.run(async () => 'done');
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('done');
    expect(semaphore).toMatchObject({ running: 0, waiting: 0 });
  });

  it('lets a caller leave the queue by its signal, and those behind it move up', async () => {
    const semaphore = new Semaphore(1);
    await semaphore.enter();
    const ending = new AbortController();
    const impatient = semaphore.enter(ending.signal);
    const patient = semaphore.enter(new AbortController().signal);
    ending.abort();
    expect(await impatient).toBe(false);
    expect(semaphore.waiting).toBe(1);
    semaphore.leave();
    expect(await patient).toBe(true);
    expect(semaphore).toMatchObject({ running: 1, waiting: 0 });
  });

  it('rejects a caller whose signal is already aborted', async () => {
    const semaphore = new Semaphore(1);
    expect(await semaphore.enter(AbortSignal.abort())).toBe(false);
    expect(semaphore).toMatchObject({ running: 0, waiting: 0 });
  });

  it('does not mind a signal that is aborted once the caller is in', async () => {
    const semaphore = new Semaphore(1);
    const ending = new AbortController();
    await semaphore.enter();
    const entry = semaphore.enter(ending.signal);
    semaphore.leave();
    ending.abort();
    expect(await entry).toBe(true);
    expect(semaphore.running).toBe(1);
  });

  it('lets a caller leave the queue by the function it got, which does nothing once it is in', async () => {
    const semaphore = new Semaphore(1);
    const admitted: string[] = [];
    semaphore.tryEnter();
    const leaveFirst = semaphore.queue(() => admitted.push('first'));
    const leaveSecond = semaphore.queue(() => admitted.push('second'));
    semaphore.queue(() => admitted.push('third'));
    leaveSecond();
    semaphore.leave();
    leaveFirst();
    semaphore.leave();
    expect(admitted).toEqual(['first', 'third']);
  });

  it('puts a caller before all others that had to give its room back', () => {
    const semaphore = new Semaphore(1);
    const admitted: string[] = [];
    semaphore.tryEnter();
    semaphore.queue(() => admitted.push('last'));
    semaphore.queue(() => admitted.push('first'), 'first');
    semaphore.leave();
    semaphore.leave();
    expect(admitted).toEqual(['first', 'last']);
  });

  it('follows a size that changes, and keeps the order of the queue', () => {
    let size = 2;
    const semaphore = new Semaphore(() => size);
    const admitted: string[] = [];
    semaphore.tryEnter();
    semaphore.tryEnter();
    semaphore.queue(() => admitted.push('one'));
    semaphore.queue(() => admitted.push('two'));
    size = 1;
    semaphore.leave();
    expect(admitted).toEqual([]);
    size = 3;
    expect(semaphore.tryEnter()).toBe(false);
    semaphore.queue(() => admitted.push('three'));
    expect(admitted).toEqual(['one', 'two']);
    expect(semaphore).toMatchObject({ running: 3, waiting: 1 });
  });
});
