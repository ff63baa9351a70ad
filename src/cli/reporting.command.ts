import { CommandRunner, Option } from 'nest-commander';
import { CommandRefused } from './command-refused.js';
import { say } from './standard-error.js';

/** What a command was called with, as far as all commands have it in common. */
export interface ReportOptions {
  json?: boolean;
}

/** A command whose outcome is for people, as lines, or for programs, as JSON. */
export abstract class ReportingCommand extends CommandRunner {
  /** Words too many are a mistake, and not passed over. */
  override setCommand(command: Parameters<CommandRunner['setCommand']>[0]): this {
    return super.setCommand(command.allowExcessArguments(false));
  }

  @Option({ flags: '--json', description: 'print JSON' })
  parseJson(): boolean {
    return true;
  }

  /** Writes the outcome to standard output. */
  protected report(lines: readonly string[], data: unknown, { json = false }: ReportOptions): void {
    process.stdout.write(`${json ? JSON.stringify(data) : lines.join('\n')}\n`);
  }

  /** Tells how far a long work is: on standard error, so that the outcome stays alone on standard output. */
  protected progress(line: string): void {
    say('progress', line);
  }
}

/**
 * Reads a whole number from the command line.
 *
 * @param name what it is called in the help.
 * @throws CommandRefused if it is none, or not in the range.
 */
export function wholeNumberOf(name: string, text: string, [min, max]: readonly [number, number]): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw new CommandRefused(`${name} must be a whole number from ${min} to ${max}.`);
  return value;
}
