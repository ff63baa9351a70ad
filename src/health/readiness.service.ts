import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  EXTERNAL_SERVICES,
  type ExternalService,
  type LastCall,
  OutboundCalls,
} from '../outbound/outbound-calls.service.js';
import { Draining } from '../common/draining.js';
import { SHARED_REDIS, type SharedRedis, type SharedRedisState } from '../outbound/shared-redis.js';
import { Settings } from '../config/settings.js';
import { DatabaseStart } from '../database/database-start.js';
import { pendingMigrations } from '../database/migrate.js';
import { WriteProbe } from '../database/write-probe.js';

/** Milliseconds after which a database without an answer is unavailable. Probes themselves wait for a few seconds. */
const ANSWER_LIMIT = 2_000;

/** Milliseconds that an answer is reused. Any caller may ask at any rate, and must not take connections from others. */
const ANSWER_MAX_AGE = 1_000;

/** Whether a process can do its work, and why not. For operators. */
export interface Readiness {
  readonly status: 'ok' | 'unavailable';
  /** Process id. */
  readonly process: number;
  /** Whether the process was told to stop. Like all following members, it is absent if the process did not answer. */
  readonly stopping?: boolean;
  readonly database?: {
    readonly driver: string;
    /**
     * `unreached`: the database has not answered since the process began. `unwritable`: it answers but accepts no
     * writes.
     */
    readonly status: 'ok' | 'unavailable' | 'unwritable' | 'unreached';
    /** Null if the database does not answer. */
    readonly pendingMigrations: readonly string[] | null;
  };
  /**
   * Whether the shared Redis (REDIS_URL) can be written, and why not. If NONCE_STORE is `redis`, the process is not
   * ready without it.
   */
  readonly redis?: SharedRedisState;
  /** Result of the last call to each external service. No call is made to find out. */
  readonly neighbours?: Readonly<
    Record<ExternalService, { readonly adapter: string; readonly lastCall: LastCall | null }>
  >;
}

/** What the database reports. */
interface DatabaseState {
  /** Empty, unless migrations were reverted since the process began. Calls would then fail. */
  readonly pendingMigrations: readonly string[];
  readonly takesWrites: boolean;
}

/** Checks whether the process can do its work at this moment. */
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

  /** The same, with its reasons. */
  async details(): Promise<Readiness> {
    const [state, redis] = await Promise.all([this.state(), this.redis?.state()]);
    const lastCalls = EXTERNAL_SERVICES.map((service) => [
      service,
      { adapter: this.settings[service].driver, lastCall: this.outbound.lastCall(service) },
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
      neighbours: Object.fromEntries(lastCalls) as Readiness['neighbours'],
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

  /** Limits have a fallback without Redis, but Digest calls are refused without their nonce store. */
  private canSpendNonces(redis: SharedRedisState | undefined): boolean {
    return this.settings.nonceStore !== 'redis' || redis?.status === 'ok';
  }

  /** Null if the database does not answer. */
  private async state(): Promise<DatabaseState | null> {
    if (!this.database.isReady) return null;
    if (performance.now() - this.asked > ANSWER_MAX_AGE) {
      this.asked = performance.now();
      this.answer = this.ask();
    }
    return this.answer;
  }

  private async ask(): Promise<DatabaseState | null> {
    // A question that still waits for its answer serves all callers that follow.
    this.question ??= this.look().finally(() => (this.question = null));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ANSWER_LIMIT)));
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
    // If the read before it succeeded, a failed write is an answer.
    const takesWrites = await this.writes.takesWrites().catch(() => false);
    return { pendingMigrations: pending, takesWrites };
  }
}
