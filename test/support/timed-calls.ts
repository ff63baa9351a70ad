import type { Api } from './api.js';
import type { Answer } from './http.js';

/** A response and its duration in seconds. */
export interface Timed {
  readonly answer: Answer;
  readonly seconds: number;
}

export async function timed(call: () => Promise<Answer>): Promise<Timed> {
  const start = performance.now();
  const answer = await call();
  return { answer, seconds: (performance.now() - start) / 1000 };
}

/**
 * Calls `ping` continuously while work runs.
 *
 * @returns the result of the work, and the duration of the longest ping in seconds.
 * @throws an Error if a ping gets another status than 200.
 */
export async function whilePinging<T>(api: Api, work: () => Promise<T>): Promise<{ result: T; slowestPing: number }> {
  const over = new AbortController();
  const pulse = (async () => {
    const pings: number[] = [];
    while (!over.signal.aborted) {
      const { answer, seconds } = await timed(() => api.anonymous().get('/api/ping'));
      if (answer.status !== 200) throw new Error(`ping was answered ${answer.status}`);
      pings.push(seconds);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return Math.max(...pings);
  })();
  const result = await work().finally(() => over.abort());
  return { result, slowestPing: await pulse };
}

/** Repeats a call until its status is not 503; returns the response and the elapsed seconds. */
export async function untilServed(call: () => Promise<Answer>, most = 30): Promise<Timed> {
  const start = performance.now();
  for (;;) {
    const answer = await call();
    const seconds = (performance.now() - start) / 1000;
    if (answer.status !== 503) return { answer, seconds };
    if (seconds > most) throw new Error(`after ${most} s still ${answer.status}: ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
