import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BORDERS, type Border, type LastCall, OutboundCalls } from '../outbound/outbound-calls.service.js';
import { Draining } from '../common/draining.js';
import { SHARED_REDIS, type SharedRedis, type SharedRedisState } from '../outbound/shared-redis.js';
import { Settings } from '../config/settings.js';
import { DatabaseStart } from '../database/database-start.js';
import { pendingMigrations } from '../database/migrate.js';
import { WriteProbe } from '../database/write-probe.js';

/** Milliseconds after which a database that does not answer is none. Probes wait for a few seconds themselves. */
const PATIENCE = 2_000;

/** Milliseconds for which an answer holds: anybody may ask, as often as he likes, and keeps no connection from others. */
const FRESHNESS = 1_000;

/** Whether a process can do its work, and why not: for operators. */
export interface Readiness {
  readonly status: 'ok' | 'unavailable';
  /** The id of the process. */
  readonly process: number;
  /** Whether it has been told to stop. Absent where the process did not even answer, as is what follows. */
  readonly stopping?: boolean;
  readonly database?: {
    readonly driver: string;
    /** `unreached`: it has not answered since the process began. `unwritable`: it answers and takes no writes. */
    readonly status: 'ok' | 'unavailable' | 'unwritable' | 'unreached';
    /** Null where the database cannot say. */
    readonly pendingMigrations: readonly string[] | null;
  };
  /** Whether the shared Redis (REDIS_URL) can be written, and why not. The process is not ready without it where NONCE_STORE is `redis`. */
  readonly redis?: SharedRedisState;
  /** How the last call of each went; nobody is called to find out. */
  readonly neighbours?: Readonly<Record<Border, { readonly adapter: string; readonly lastCall: LastCall | null }>>;
}

/** What the database says of itself. */
interface DatabaseState {
  /** None, unless they were taken back since the process began: its calls would fail then. */
  readonly pendingMigrations: readonly string[];
  readonly takesWrites: boolean;
}

/** Whether the process can do its work at this moment. */
@Injectable()
export class ReadinessService {
  private answer: Promise<DatabaseState | null> = Promise.resolve(null);
  private question: Promise<DatabaseState> | null = null;
  private asked = -Infinity;

  constructor(
    private readonly database: DatabaseStart,
    private readonly dataSource: DataSource,
    private readonly writes: WriteProbe,
    private readonly outbound: OutboundCalls,
    private readonly settings: Settings,
    private readonly draining: Draining,
    @Inject(SHARED_REDIS) private readonly redis: SharedRedis | null,
  ) {}

  async isReady(): Promise<boolean> {
    const [state, redis] = await Promise.all([this.state(), this.redis?.state()]);
    return this.isWell(state, redis);
  }

  /** The same with its reasons. */
  async details(): Promise<Readiness> {
    const [state, redis] = await Promise.all([this.state(), this.redis?.state()]);
    const neighbours = BORDERS.map((border) => [
      border,
      { adapter: this.settings[border].driver, lastCall: this.outbound.lastCall(border) },
    ]);
    return {
      status: this.isWell(state, redis) ? 'ok' : 'unavailable',
      process: process.pid,
      stopping: this.draining.isUnderWay,
      database: {
        driver: this.settings.database.driver,
        status: this.statusOf(state),
        pendingMigrations: state?.pendingMigrations ?? null,
      },
      ...(redis && { redis }),
      neighbours: Object.fromEntries(neighbours) as Readiness['neighbours'],
    };
  }

  private statusOf(state: DatabaseState | null): NonNullable<Readiness['database']>['status'] {
    if (state) return state.takesWrites ? 'ok' : 'unwritable';
    return this.database.isReady ? 'unavailable' : 'unreached';
  }

  private isWell(state: DatabaseState | null, redis: SharedRedisState | undefined): boolean {
    if (this.draining.isUnderWay || state === null) return false;
    return state.takesWrites && state.pendingMigrations.length === 0 && this.canSpendNonces(redis);
  }

  /** Limits have what holds without their store; calls by Digest are refused without theirs. */
  private canSpendNonces(redis: SharedRedisState | undefined): boolean {
    return this.settings.nonceStore !== 'redis' || redis?.status === 'ok';
  }

  /** Null where the database does not answer. */
  private async state(): Promise<DatabaseState | null> {
    if (!this.database.isReady) return null;
    if (performance.now() - this.asked > FRESHNESS) {
      this.asked = performance.now();
      this.answer = this.ask();
    }
    return this.answer;
  }

  private async ask(): Promise<DatabaseState | null> {
    // One that still waits for its answer stands for all that follow.
    this.question ??= this.look().finally(() => (this.question = null));
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

  private async look(): Promise<DatabaseState> {
    const pending = await pendingMigrations(this.dataSource);
    // A write that fails is an answer, where the read before it succeeded.
    const takesWrites = await this.writes.takesWrites().catch(() => false);
    return { pendingMigrations: pending, takesWrites };
  }
}
