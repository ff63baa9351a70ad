import { CommandRunner, Option } from 'nest-commander';
import { CommandRefused } from './command-refused.js';
import { say } from './standard-error.js';

/** The options that all commands have. */
export interface ReportOptions {
  json?: boolean;
}

/** A command that writes its result as lines for people, or as JSON for programs. */
export abstract class ReportingCommand extends CommandRunner {
  /** Rejects extra arguments instead of ignoring them. */
  override setCommand(command: Parameters<CommandRunner['setCommand']>[0]): this {
    return super.setCommand(command.allowExcessArguments(false));
  }

  @Option({ flags: '--json', description: 'print JSON' })
  parseJson(): boolean {
    return true;
  }

  /** Writes the result to standard output. */
  protected report(lines: readonly string[], data: unknown, { json = false }: ReportOptions): void {
    process.stdout.write(`${json ? JSON.stringify(data) : lines.join('\n')}\n`);
  }

  /** Reports the progress of long work on standard error. Standard output carries only the result. */
  protected progress(line: string): void {
    say('progress', line);
  }
}

/**
 * Parses a whole number from the command line.
 *
 * @param name the name of the argument in the help.
 * @throws CommandRefused if it is not a whole number in the range.
 */
export function wholeNumberOf(name: string, text: string, [min, max]: readonly [number, number]): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max))
    throw new CommandRefused(`${name} must be a whole number from ${min} to ${max}.`);
  return value;
}
