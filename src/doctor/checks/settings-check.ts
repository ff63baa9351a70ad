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
    const verdicts = this.mistakes.map((mistake) =>
      error(mistake, 'See .env.example. The service does not start until then.'),
    );
    if (verdicts.length === 0) verdicts.push(ok('valid'));
    verdicts.push(...this.warnings.map((line) => warning(line)));
    if (!hasLimits) {
      verdicts.push(
        warning(
          'limits are off: codes and passwords can be guessed',
          'Set RATE_LIMITS=on, unless this is a load test.',
        ),
      );
    } else if (processes > 1 && !sharedRedis) {
      verdicts.push(
        warning(
          `${processes} processes count limits separately, so the effective limits are ${processes} times as high`,
          'Set REDIS_URL.',
        ),
      );
    }
    return verdicts;
  }
}
