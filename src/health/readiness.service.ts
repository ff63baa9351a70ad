import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DatabaseStart } from '../database/database-start.js';

/** Milliseconds after which a database that does not answer is none. Probes wait for a few seconds themselves. */
const PATIENCE = 2_000;

/** Milliseconds for which an answer holds: anybody may ask, as often as he likes, and keeps no connection from others. */
const FRESHNESS = 1_000;

/** Whether the process can do its work at this moment. */
@Injectable()
export class ReadinessService {
  private answer: Promise<boolean> = Promise.resolve(false);
  private question: Promise<unknown> | null = null;
  private asked = -Infinity;

  constructor(
    private readonly database: DatabaseStart,
    private readonly dataSource: DataSource,
  ) {}

  async isReady(): Promise<boolean> {
    if (!this.database.isReady) return false;
    if (performance.now() - this.asked > FRESHNESS) {
      this.asked = performance.now();
      this.answer = this.ask();
    }
    return this.answer;
  }

  private async ask(): Promise<boolean> {
    // One that still waits for its answer stands for all that follow.
    this.question ??= this.dataSource.query('SELECT 1').finally(() => (this.question = null));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), PATIENCE)));
    try {
      return await Promise.race([this.question.then(() => true), late]);
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
