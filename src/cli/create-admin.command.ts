import { plainToInstance } from 'class-transformer';
import { Command, Option } from 'nest-commander';
import { CreateAccountDto } from '../admin/dto/create-account.dto.js';
import { AdministratorsService } from '../admin/administrators.service.js';
import { randomAlphanumeric } from '../common/random.js';
import { displaySip, formatSip } from '../common/sip/sip-address.js';
import { ValidationPipe } from '../http/validation/validation.pipe.js';
import { Settings } from '../config/settings.js';
import { withApplication } from './application.js';
import { CommandRefused } from './command-refused.js';
import { passwordFromStdin } from './password-from-stdin.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

interface Options extends ReportOptions {
  domain?: string;
  password?: string;
  passwordStdin?: boolean;
  email?: string;
}

/** Creates an administrator with an API key, under the same rules as for an account created over the API. */
@Command({
  name: 'accounts:create-admin',
  arguments: '<username>',
  description: 'Create an activated administrator, and print its password and API key',
})
export class CreateAdminCommand extends ReportingCommand {
  async run([username]: [string], options: Options): Promise<void> {
    const { domain, email } = options;
    const password = await passwordOf(options);
    const administrator = await withApplication(async (app) => {
      const body = plainToInstance(CreateAccountDto, { username, domain, email, password, algorithm: 'SHA-256' });
      await new ValidationPipe(app.get(Settings)).transform(body, { type: 'body', metatype: CreateAccountDto });
      return app.get(AdministratorsService).create(username, { domain, email, password });
    });
    this.report(
      [
        `SIP address  ${displaySip(administrator.address)}`,
        `Password     ${administrator.password}`,
        `API key      ${administrator.apiKey}`,
        'Keep this: it is not shown again.',
      ],
      { sip: formatSip(administrator.address), password: administrator.password, api_key: administrator.apiKey },
      options,
    );
  }

  @Option({ flags: '--domain <domain>', description: 'SIP domain; default: the first one of APP_SIP_DOMAIN' })
  parseDomain(value: string): string {
    return value;
  }

  @Option({
    flags: '--password <password>',
    description: 'password; default: a random one; other users of this machine can see it, so prefer --password-stdin',
  })
  parsePassword(value: string): string {
    return value;
  }

  @Option({ flags: '--password-stdin', description: 'read the password from standard input' })
  parsePasswordStdin(): boolean {
    return true;
  }

  @Option({ flags: '--email <email>', description: 'e-mail address' })
  parseEmail(value: string): string {
    return value;
  }
}

async function passwordOf({ password, passwordStdin = false }: Options): Promise<string> {
  if (!passwordStdin) return password ?? randomAlphanumeric(20);
  if (password !== undefined) throw new CommandRefused('Use either --password or --password-stdin, not both.');
  return passwordFromStdin();
}
