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
  description: 'Grant or revoke the rights of an administrator',
})
export class SetAdminCommand extends ReportingCommand {
  async run([word]: [string], { revoke = false, force = false, ...options }: Options): Promise<void> {
    const { account, changed } = await withApplication(async (app) => {
      const found = await findAccount(app, word);
      const rights = app.get(AdminRightsService);
      const hasChanged = revoke ? await rights.revoke(found.id, { evenLast: force }) : await rights.grant(found.id);
      if (hasChanged === null) {
        throw new CommandRefused(
          `${displaySip(found)} is the last administrator. Without an administrator, accounts cannot be managed in the panel or over the API. Use --force to continue.`,
        );
      }
      return { account: found, changed: hasChanged };
    });
    const sip = formatSip(account);
    const shown = displaySip(account);
    const outcome = revoke
      ? `${shown} is ${changed ? 'no longer an administrator, and has no API key' : 'not an administrator'}.`
      : `${shown} is an administrator${changed ? ' now' : ' already'}.`;
    const hint =
      revoke || account.activated
        ? []
        : ['The account is not activated. It cannot use these rights until it is activated.'];
    this.report([outcome, ...hint], { id: account.id, sip, admin: !revoke, changed }, options);
  }

  @Option({ flags: '--revoke', description: 'revoke the rights of an administrator and its API key' })
  parseRevoke(): boolean {
    return true;
  }

  @Option({ flags: '--force', description: 'with --revoke: allow it for the last administrator' })
  parseForce(): boolean {
    return true;
  }
}
