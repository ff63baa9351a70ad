import type { INestApplicationContext } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { type UnconfirmedAccount, UnconfirmedAccountsService } from '../accounts/unconfirmed-accounts.service.js';
import { Clock } from '../common/clock.js';
import { displaySip, formatSip } from '../common/sip/sip-address.js';
import { formatDateTime } from '../database/columns/utc-date-time.js';
import { printable } from '../logging/printable.js';
import { withApplication } from './application.js';
import { ReportingCommand, type ReportOptions, wholeNumberOf } from './reporting.command.js';

interface Options extends ReportOptions {
  apply?: boolean;
  uncertain?: boolean;
}

const DAY = 86_400;
/** Deleted accounts between two lines of progress. */
const STEP = 100;

/** Deletes accounts that were never confirmed, one at a time. The command may be stopped and run again. */
@Command({
  name: 'accounts:clear-unconfirmed',
  arguments: '<days>',
  argsDescription: { days: 'lowest age of the accounts' },
  description: 'List the accounts that were never activated and are at least this many days old; --apply deletes them',
})
export class ClearUnconfirmedCommand extends ReportingCommand {
  async run([text]: [string], { apply = false, uncertain = false, ...options }: Options): Promise<void> {
    const days = wholeNumberOf('DAYS', text, [1, 36_500]);
    await withApplication(async (app) => {
      const service = app.get(UnconfirmedAccountsService);
      const before = app.get(Clock).in(-days * DAY);
      const found = await service.find(before);
      const chosen = found.filter(({ isCertain }) => isCertain || uncertain);
      const doubtful = found.length - chosen.length;
      const others = (await service.countInactive(before)) - found.length;
      const gone = apply ? await this.remove(app, chosen) : chosen;
      this.report(
        [...gone.map(describe), ...summary(apply, gone.length, doubtful, others)],
        { applied: apply, accounts: gone.map(portray), kept: { uncertain: doubtful, others } },
        options,
      );
    });
  }

  @Option({ flags: '--apply', description: 'delete the listed accounts' })
  parseApply(): boolean {
    return true;
  }

  @Option({
    flags: '--uncertain',
    description: 'include accounts that a server of 2021 may have activated (see docs/commands.md)',
  })
  parseUncertain(): boolean {
    return true;
  }

  private async remove(
    app: INestApplicationContext,
    accounts: readonly UnconfirmedAccount[],
  ): Promise<UnconfirmedAccount[]> {
    const service = app.get(UnconfirmedAccountsService);
    const gone: UnconfirmedAccount[] = [];
    for (const account of accounts) {
      if (await service.remove(account)) gone.push(account);
      if (gone.length > 0 && gone.length % STEP === 0)
        this.progress(`${gone.length} of ${accounts.length} accounts deleted`);
    }
    return gone;
  }
}

function describe(account: UnconfirmedAccount): string {
  return printable(`${displaySip(account)}, created ${formatDateTime(account.created)}`);
}

function portray(account: UnconfirmedAccount) {
  return {
    id: account.id,
    sip: formatSip(account),
    creation_time: formatDateTime(account.created),
    certain: account.isCertain,
  };
}

function summary(isApplied: boolean, count: number, doubtful: number, others: number): string[] {
  const accounts = count === 1 ? '1 account' : `${count} accounts`;
  const lines = [
    isApplied
      ? `${accounts} deleted.`
      : `${accounts} would be deleted, with all their data. Use --apply to delete them.`,
  ];
  if (doubtful > 0) {
    lines.push(
      `${doubtful} kept: they have a code, but an administrator of a server of 2021 may have deactivated them. --uncertain includes them.`,
    );
  }
  if (others > 0)
    lines.push(
      `${others} kept: they are not activated, but were deactivated, have no code, or have a code that is still valid.`,
    );
  return lines;
}
