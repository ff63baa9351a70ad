import { Injectable } from '@nestjs/common';
import { Job } from '../../src/jobs/job.js';

/** A job that a test can observe and hold. Each application has its own. */
@Injectable()
export class HeldJob extends Job {
  readonly name = 'held-job';
  readonly every = 600;

  /** The number of runs that have begun. */
  begun = 0;
  /** The signal of the last run. */
  signal?: AbortSignal;
  private readonly ends: (() => void)[] = [];
  private next: () => Promise<void> = async () => {};

  async run(signal: AbortSignal): Promise<void> {
    this.begun += 1;
    this.signal = signal;
    const work = this.next;
    this.next = async () => {};
    await work();
  }

  /** Makes the next run wait: for the test, or for its signal. */
  hold(): { begun: Promise<void>; end: () => void } {
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    this.ends.push(end);
    const begun = new Promise<void>((resolve) => {
      this.next = async () => {
        resolve();
        await ended;
      };
    });
    return { begun, end };
  }

  /** Ends all held runs. */
  release(): void {
    for (const end of this.ends.splice(0)) end();
  }

  /** Makes the next run fail. */
  fail(error: Error): void {
    this.next = async () => {
      throw error;
    };
  }
}
