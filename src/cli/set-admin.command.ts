import { Command, Option } from 'nest-commander';
import { AdminRightsService } from '../admin/admin-rights.service.js';
import { formatSip } from '../common/sip/sip-address.js';
import { withApplication } from './application.js';
import { findAccount } from './find-account.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

interface Options extends ReportOptions {
  revoke?: boolean;
}

/** Makes an account an administrator, or takes that back. May be run again. */
@Command({
  name: 'accounts:set-admin',
  arguments: '<account>',
  argsDescription: { account: 'SIP address or id' },
  description: 'Make an account an administrator, or take that back',
})
export class SetAdminCommand extends ReportingCommand {
  async run([word]: [string], { revoke = false, ...options }: Options): Promise<void> {
    const { account, changed } = await withApplication(async (app) => {
      const found = await findAccount(app, word);
      const rights = app.get(AdminRightsService);
      return { account: found, changed: revoke ? await rights.revoke(found.id) : await rights.grant(found.id) };
    });
    const sip = formatSip(account);
    const outcome = revoke
      ? `${sip} is ${changed ? 'no administrator any more, and has no API key' : 'no administrator'}.`
      : `${sip} is an administrator${changed ? ' now' : ' already'}.`;
    const hint = revoke || account.activated ? [] : ['It is not activated: until it is, it can use nothing of that.'];
    this.report([outcome, ...hint], { id: account.id, sip, admin: !revoke, changed }, options);
  }

  @Option({ flags: '--revoke', description: 'take the rights of an administrator away, and its API key' })
  parseRevoke(): boolean {
    return true;
  }
}
