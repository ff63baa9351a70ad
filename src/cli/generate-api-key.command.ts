import { Command, Option } from 'nest-commander';
import { AdminRightsService } from '../admin/admin-rights.service.js';
import { AdminRequired } from '../auth/auth.errors.js';
import { displaySip, formatSip } from '../common/sip/sip-address.js';
import { withApplication } from './application.js';
import { CommandRefused } from './command-refused.js';
import { ACCOUNT_ARGUMENT, findAccount } from './find-account.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

interface Options extends ReportOptions {
  force?: boolean;
}

/** Gives an administrator a new API key. */
@Command({
  name: 'api-keys:generate',
  arguments: '<account>',
  argsDescription: { account: `${ACCOUNT_ARGUMENT} of an administrator` },
  description: 'Generate an API key for an administrator and print it; --force replaces an existing key',
})
export class GenerateApiKeyCommand extends ReportingCommand {
  async run([word]: [string], { force = false, ...options }: Options): Promise<void> {
    const { shown, sip, apiKey } = await withApplication(async (app) => {
      const account = await findAccount(app, word);
      const key = await app
        .get(AdminRightsService)
        .generateKey(account.id, { replaces: force })
        .catch((error: unknown) => {
          if (!(error instanceof AdminRequired)) throw error;
          throw new CommandRefused(
            `${displaySip(account)} is not an administrator. Only administrators have API keys. See accounts:set-admin.`,
          );
        });
      if (key === null)
        throw new CommandRefused(`${displaySip(account)} already has an API key. Use --force to replace it.`);
      return { shown: displaySip(account), sip: formatSip(account), apiKey: key };
    });
    const lines = [`SIP address  ${shown}`, `API key      ${apiKey}`, 'Keep this: it is not shown again.'];
    this.report(lines, { sip, api_key: apiKey }, options);
  }

  @Option({ flags: '--force', description: 'replace the existing key, which is revoked' })
  parseForce(): boolean {
    return true;
  }
}
