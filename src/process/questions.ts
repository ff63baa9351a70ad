import type { Worker } from 'node:cluster';
import type { Readiness } from '../health/readiness.service.js';
import type { MetricSnapshot } from '../metrics/metrics.service.js';

/** Reports that a process can give about itself. */
export interface SelfReport {
  metrics(): Promise<MetricSnapshot[]>;
  health(): Promise<Readiness>;
}

type Subject = keyof SelfReport;
type AnswerTo<S extends Subject> = Awaited<ReturnType<SelfReport[S]>>;

interface Question {
  readonly question: Subject;
  readonly id: number;
}

interface Answer {
  readonly answerTo: number;
  readonly answer: unknown;
}

/**
 * Milliseconds to wait for a worker. A worker that is busy or just starting must not delay the numbers of the others.
 */
const PATIENCE = 3_000;

let serial = 0;

/** Makes a worker answer the questions of its supervisor. */
export function answerSupervisor(report: SelfReport): void {
  process.on('message', (message: Partial<Question>) => {
    const { question, id } = message;
    if (question === undefined || id === undefined) return;
    void report[question]().then(
      (answer) => process.send?.({ answerTo: id, answer } satisfies Answer),
      // Without an answer the supervisor uses what it knows.
      () => undefined,
    );
  });
}

/**
 * Asks a worker for a report.
 *
 * @returns null if the worker does not answer in time, or has ended.
 */
export function askWorker<S extends Subject>(worker: Worker, question: S): Promise<AnswerTo<S> | null> {
  serial += 1;
  const id = serial;
  return new Promise((resolve) => {
    const end = (answer: AnswerTo<S> | null) => {
      clearTimeout(timer);
      worker.off('message', hear).off('exit', give);
      resolve(answer);
    };
    const give = () => end(null);
    const hear = (message: Partial<Answer>) => {
      if (message.answerTo === id) end(message.answer as AnswerTo<S>);
    };
    const timer = setTimeout(give, PATIENCE);
    worker.on('message', hear).on('exit', give);
    worker.send({ question, id } satisfies Question, (error) => error && give());
  });
}
