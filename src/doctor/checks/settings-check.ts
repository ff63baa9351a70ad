import type { Settings } from '../../config/settings.js';
import { type Check, error, ok, type Verdict, warning } from '../finding.js';

/** Checks whether the settings can be used, and which of them are probably not intended. */
export class SettingsCheck implements Check {
  readonly name = 'settings';

  /**
   * @param mistakes one line each.
   * @param warnings values that may be wrong, one line each.
   */
  constructor(
    private readonly settings: Settings,
    private readonly mistakes: readonly string[],
    private readonly warnings: readonly string[],
  ) {}

  run(): Verdict[] {
    const { hasLimits, processes, sharedRedis } = this.settings;
    const verdicts = this.mistakes.map((mistake) => error(mistake, 'See .env.example; the service does not start before.'));
    if (verdicts.length === 0) verdicts.push(ok('can be used'));
    verdicts.push(...this.warnings.map((line) => warning(line)));
    if (!hasLimits) {
      verdicts.push(warning('no limits: anybody may guess codes and passwords', 'Unless this is a load test, set RATE_LIMITS=on.'));
    } else if (processes > 1 && !sharedRedis) {
      verdicts.push(warning(`each of ${processes} processes counts for itself, so limits are that much wider`, 'Set REDIS_URL.'));
    }
    return verdicts;
  }
}
