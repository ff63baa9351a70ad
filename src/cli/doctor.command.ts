import { Command, Option } from 'nest-commander';
import { processSources, type Sources } from '../config/sources.js';
import { checksFor, type TypedLogin } from '../doctor/checks.js';
import { examine } from '../doctor/examine.js';
import { type Finding, mostSevere } from '../doctor/finding.js';
import { settingsInParts } from '../doctor/settings-in-parts.js';
import { printable } from '../logging/printable.js';
import { CommandRefused } from './command-refused.js';
import { sipAddressOf } from './find-account.js';
import { passwordFromStdin } from './password-from-stdin.js';
import { ReportingCommand, type ReportOptions } from './reporting.command.js';

interface Options extends ReportOptions {
  account?: string;
  passwordStdin?: boolean;
}

/** Time limit of one check in seconds: more than the settings allow for an external service or the database. */
const MOST_SECONDS = 20;

/**
 * Checks whether the service has all it needs. It sends nothing and changes nothing, except for its own keys in Redis,
 * which expire.
 */
@Command({
  name: 'doctor',
  description:
    'Check settings, database and external services, one line each; exit code 1 if there is an error, 0 if there are only warnings',
})
export class DoctorCommand extends ReportingCommand {
  async run(_arguments: string[], options: Options): Promise<void> {
    const sources = processSources();
    const { checks, database } = checksFor(sources, await typedLoginOf(options, sources));
    const tell = (finding: Finding) => this.write(lineOf(finding));
    const findings = await examine(checks, MOST_SECONDS, options.json ? () => {} : tell);
    const status = mostSevere(findings);
    if (options.json) this.report([], { status, findings }, options);
    process.exitCode = status === 'error' ? 1 : 0;
    await database.close();
    // A check that timed out may hang forever, so the process is ended here. The callback lets a slow reader receive
    // every line first. Errors of standard output have a listener.
    process.stdout.write('', (failure) => {
      if (!failure) process.exit();
    });
  }

  @Option({
    flags: '--account <account>',
    description:
      'also check whether this account can log in over HTTP and SIP; a SIP address, or a username of the default domain',
  })
  parseAccount(value: string): string {
    return value;
  }

  @Option({ flags: '--password-stdin', description: 'check the login with the password from standard input' })
  parsePasswordStdin(): boolean {
    return true;
  }

  private write(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}

async function typedLoginOf({ account, passwordStdin = false }: Options, sources: Sources): Promise<TypedLogin | null> {
  if (account === undefined) {
    if (passwordStdin)
      throw new CommandRefused('--password-stdin needs --account, which names the account of the password.');
    return null;
  }
  const [defaultDomain] = settingsInParts(sources).settings.sipDomains;
  const address = sipAddressOf(account, defaultDomain);
  return { address, password: passwordStdin ? await passwordFromStdin() : null };
}

function lineOf({ level, check, message, advice }: Finding): string {
  const end = advice === undefined ? '' : `. ${advice}`;
  return printable(`${level.padEnd(7)}  ${check.padEnd(10)}  ${message}${end}`);
}
