import { Command } from 'nest-commander';
import { NoncePurgeService } from '../auth/nonces/nonce-purge.service.js';
import { withApplication } from './application.js';
import { ReportingCommand, type ReportOptions, wholeNumberOf } from './reporting.command.js';

const YEAR = 366 * 1_440;
/** Nonces between two lines of progress. */
const STEP = 10_000;

/** Deletes old nonces, as a command of the 2021 server did. A running service does this itself every minute. */
@Command({
  name: 'digest:clear-nonces',
  arguments: '<minutes>',
  argsDescription: { minutes: 'age; raised to the lowest safe age if nonces of this age could still be replayed' },
  description: 'Forget the Digest nonces that were first used at least this many minutes ago',
})
export class ClearNoncesCommand extends ReportingCommand {
  async run([text]: [string], options: ReportOptions): Promise<void> {
    const minutes = wholeNumberOf('MINUTES', text, [0, YEAR]);
    let forgotten = 0;
    const leastAge = await withApplication(async (app) => {
      const nonces = app.get(NoncePurgeService);
      await nonces.forget(minutes * 60, (count) => {
        const steps = Math.floor(forgotten / STEP);
        forgotten += count;
        if (Math.floor(forgotten / STEP) > steps) this.progress(`${forgotten} nonces forgotten`);
      });
      return nonces.leastAge;
    });
    const least = Math.ceil(leastAge / 60);
    const age = Math.max(minutes, least);
    const hint = age === minutes ? [] : [`Younger nonces could still be replayed: the lowest age is ${least} minutes.`];
    this.report(
      [`${forgotten} nonces of ${age} minutes or more forgotten.`, ...hint],
      { forgotten, minutes: age },
      options,
    );
  }
}
