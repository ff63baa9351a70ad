import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BORDERS, type Border, type LastCall, Neighbours } from '../common/neighbours/neighbours.service.js';
import { Settings } from '../config/settings.js';
import { DatabaseStart } from '../database/database-start.js';
import { pendingMigrations } from '../database/migrate.js';

/** Milliseconds after which a database that does not answer is none. Probes wait for a few seconds themselves. */
const PATIENCE = 2_000;

/** Milliseconds for which an answer holds: anybody may ask, as often as he likes, and keeps no connection from others. */
const FRESHNESS = 1_000;

/** Whether a process can do its work, and why not: for operators. */
export interface Readiness {
  readonly status: 'ok' | 'unavailable';
  /** The id of the process. */
  readonly process: number;
  /** Absent where the process did not even answer, as is what follows. */
  readonly database?: {
    readonly driver: string;
    /** `unreached`: it has not answered since the process began. */
    readonly status: 'ok' | 'unavailable' | 'unreached';
    /** Null where the database cannot say. */
    readonly pendingMigrations: readonly string[] | null;
  };
  /** How the last call of each went; nobody is called to find out. */
  readonly neighbours?: Readonly<Record<Border, { readonly adapter: string; readonly lastCall: LastCall | null }>>;
}

/** Whether the process can do its work at this moment. */
@Injectable()
export class ReadinessService {
  private answer: Promise<readonly string[] | null> = Promise.resolve(null);
  private question: Promise<readonly string[]> | null = null;
  private asked = -Infinity;

  constructor(
    private readonly database: DatabaseStart,
    private readonly dataSource: DataSource,
    private readonly neighbours: Neighbours,
    private readonly settings: Settings,
  ) {}

  async isReady(): Promise<boolean> {
    return (await this.pending())?.length === 0;
  }

  /** The same with its reasons. */
  async details(): Promise<Readiness> {
    const pending = await this.pending();
    const neighbours = BORDERS.map((border) => [
      border,
      { adapter: this.settings[border].driver, lastCall: this.neighbours.lastCall(border) },
    ]);
    return {
      status: pending?.length === 0 ? 'ok' : 'unavailable',
      process: process.pid,
      database: {
        driver: this.settings.database.driver,
        status: pending ? 'ok' : this.database.isReady ? 'unavailable' : 'unreached',
        pendingMigrations: pending,
      },
      neighbours: Object.fromEntries(neighbours) as Readiness['neighbours'],
    };
  }

  /**
   * None, unless they were taken back since the process began: its calls would fail then. Null where the database does not
   * answer.
   */
  private async pending(): Promise<readonly string[] | null> {
    if (!this.database.isReady) return null;
    if (performance.now() - this.asked > FRESHNESS) {
      this.asked = performance.now();
      this.answer = this.ask();
    }
    return this.answer;
  }

  private async ask(): Promise<readonly string[] | null> {
    // One that still waits for its answer stands for all that follow.
    this.question ??= pendingMigrations(this.dataSource).finally(() => (this.question = null));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), PATIENCE)));
    try {
      return await Promise.race([this.question, late]);
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}
