import { Command } from 'nest-commander';
import type { Account } from '../database/entities/account.entity.js';
import { type AccountDetails, AccountDetailsService } from '../admin/account-details.service.js';
import { displaySip, formatSip } from '../common/sip/sip-address.js';
import { Settings } from '../config/settings.js';
import { formatDateTime } from '../database/columns/utc-date-time.js';
import { printable } from '../logging/printable.js';
import { withApplication } from './application.js';
import { ACCOUNT_ARGUMENT, findAccount } from './find-account.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

/** The reported form of an account. Its fields are listed one by one, so secrets and new columns stay private. */
function portray(account: Account, details: AccountDetails, settings: Settings) {
  const moment = (date: Date | null | undefined) => (date ? formatDateTime(date) : null);
  const { hasApiKey, confirmationKey, activationExpiration } = account;
  const { newEmail, newPhone } = details;
  return {
    id: account.id,
    sip: formatSip(account),
    activated: account.activated,
    blocked: account.blocked,
    admin: account.admin !== null,
    realm: settings.realmOf(account),
    passwords: account.passwords.map(({ algorithm }) => algorithm),
    api_key: hasApiKey ? { created_at: moment(details.apiKeyCreated) } : null,
    email: account.email,
    email_changed: newEmail && { new_email: newEmail.value, expires: moment(newEmail.expires) },
    phone: account.phone,
    phone_changed: newPhone && { new_phone: newPhone.value, expires: moment(newPhone.expires) },
    aliases: details.aliases,
    activation_code: confirmationKey === null ? null : { expires: moment(activationExpiration?.expires) },
    creation_time: formatDateTime(account.creationTime),
    expire_time: moment(details.expireTime),
    ip_address: account.ipAddress,
    user_agent: account.userAgent,
  };
}

function linesOf(account: Account, shown: ReturnType<typeof portray>): string[] {
  const yes = (is: boolean) => (is ? 'yes' : 'no');
  const until = (pending: { expires: string | null } | null, value = 'pending') =>
    pending ? `${value}, ${pending.expires === null ? 'does not expire' : `until ${pending.expires}`}` : 'none';
  const rows: [string, string][] = [
    ['SIP address', displaySip(account)],
    ['Id', String(shown.id)],
    ['Activated', yes(shown.activated)],
    ['Blocked', yes(shown.blocked)],
    ['Activation code', until(shown.activation_code)],
    ['Administrator', yes(shown.admin)],
    ['API key', shown.api_key ? `created ${shown.api_key.created_at ?? 'at an unknown time'}` : 'none'],
    ['Passwords', shown.passwords.join(', ') || 'none'],
    ['Realm', shown.realm],
    ['E-mail address', shown.email ?? 'none'],
    ['New e-mail address', until(shown.email_changed, shown.email_changed?.new_email)],
    ['Phone', shown.phone ?? 'none'],
    ['New phone', until(shown.phone_changed, shown.phone_changed?.new_phone)],
    ['Aliases', shown.aliases.join(', ') || 'none'],
    ['Created', `${shown.creation_time} from ${shown.ip_address} by ${shown.user_agent}`],
    ['expire_time', shown.expire_time ?? 'none'],
  ];
  return rows.map(([name, value]) => `${name.padEnd(18)}${printable(value)}`);
}

/** Shows an account completely, except for secrets. */
@Command({
  name: 'accounts:show',
  arguments: '<account>',
  argsDescription: { account: ACCOUNT_ARGUMENT },
  description: 'Show an account with all its data except secrets; times are UTC',
})
export class ShowAccountCommand extends ReportingCommand {
  async run([word]: [string], options: ReportOptions): Promise<void> {
    const { account, shown } = await withApplication(async (app) => {
      const found = await findAccount(app, word);
      return {
        account: found,
        shown: portray(found, await app.get(AccountDetailsService).of(found), app.get(Settings)),
      };
    });
    this.report(linesOf(account, shown), shown, options);
  }
}
