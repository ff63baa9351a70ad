import { Command } from 'nest-commander';
import { AdminRightsService } from '../admin/admin-rights.service.js';
import { AdminRequired } from '../auth/auth.errors.js';
import { formatSip } from '../common/sip/sip-address.js';
import { withApplication } from './application.js';
import { CommandRefused } from './command-refused.js';
import { findAccount } from './find-account.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

/** Gives an administrator a new API key. */
@Command({
  name: 'api-keys:generate',
  arguments: '<account>',
  argsDescription: { account: 'SIP address or id of an administrator' },
  description: 'Give an administrator a new API key, end the one it had, and print it',
})
export class GenerateApiKeyCommand extends ReportingCommand {
  async run([word]: [string], options: ReportOptions): Promise<void> {
    const { sip, apiKey } = await withApplication(async (app) => {
      const account = await findAccount(app, word);
      const key = await app
        .get(AdminRightsService)
        .generateKey(account.id)
        .catch((error: unknown) => {
          if (!(error instanceof AdminRequired)) throw error;
          throw new CommandRefused(`${formatSip(account)} is no administrator: only they have API keys. See accounts:set-admin.`);
        });
      return { sip: formatSip(account), apiKey: key };
    });
    const lines = [`SIP address  ${sip}`, `API key      ${apiKey}`, 'Keep this: it is not shown again.'];
    this.report(lines, { sip, api_key: apiKey }, options);
  }
}
