import { Command, Option } from 'nest-commander';
import { AdminRightsService } from '../admin/admin-rights.service.js';
import { displaySip, formatSip } from '../common/sip/sip-address.js';
import { withApplication } from './application.js';
import { CommandRefused } from './command-refused.js';
import { ACCOUNT_ARGUMENT, findAccount } from './find-account.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

interface Options extends ReportOptions {
  revoke?: boolean;
  force?: boolean;
}

/** Makes an account an administrator, or revokes that. The command may be run again. */
@Command({
  name: 'accounts:set-admin',
  arguments: '<account>',
  argsDescription: { account: ACCOUNT_ARGUMENT },
  description: 'Make an account an administrator, or take that back',
})
export class SetAdminCommand extends ReportingCommand {
  async run([word]: [string], { revoke = false, force = false, ...options }: Options): Promise<void> {
    const { account, changed } = await withApplication(async (app) => {
      const found = await findAccount(app, word);
      const rights = app.get(AdminRightsService);
      const hasChanged = revoke ? await rights.revoke(found.id, { evenLast: force }) : await rights.grant(found.id);
      if (hasChanged === null) {
        throw new CommandRefused(
          `${displaySip(found)} is the last administrator: without one, accounts can be administered neither in the panel nor over the API. --force does it all the same.`,
        );
      }
      return { account: found, changed: hasChanged };
    });
    const sip = formatSip(account);
    const shown = displaySip(account);
    const outcome = revoke
      ? `${shown} is ${changed ? 'no administrator any more, and has no API key' : 'no administrator'}.`
      : `${shown} is an administrator${changed ? ' now' : ' already'}.`;
    const hint = revoke || account.activated ? [] : ['It is not activated: until it is, it can use nothing of that.'];
    this.report([outcome, ...hint], { id: account.id, sip, admin: !revoke, changed }, options);
  }

  @Option({ flags: '--revoke', description: 'take the rights of an administrator away; its API key is revoked' })
  parseRevoke(): boolean {
    return true;
  }

  @Option({ flags: '--force', description: 'with --revoke, also for the last administrator' })
  parseForce(): boolean {
    return true;
  }
}
