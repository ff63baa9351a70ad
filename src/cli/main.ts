#!/usr/bin/env node
import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { AppError } from '../common/errors/app-error.js';
import { keepNewFilesPrivate } from '../common/private-files.js';
import { DatabaseUnavailable } from '../database/database-unavailable.js';
import { isUnavailable } from '../database/dialect.js';
import { VERSION } from '../common/version.js';
import { describe } from '../process/startup-errors.js';
import { CliModule, commandNames } from './cli.module.js';
import { CommandLogger } from './command-logger.js';
import { CommandRefused } from './command-refused.js';
import { say } from './standard-error.js';

/** Ends the command with an error. An error that the user can correct is shown without a stack trace. */
function exitOnCommandError(error: unknown): never {
  if (error instanceof AppError) fail(error.message, error.errors);
  if (error instanceof Error && isUnavailable(error)) fail(new DatabaseUnavailable(error).message);
  fail(error instanceof CommandRefused ? error.message : describe(error));
}

function fail(message: string, errors?: Readonly<Record<string, readonly string[]>>): never {
  say('error', message, errors);
  process.exit(1);
}

/** Reports a usage error of commander: a sentence, and possibly a hint in a second line. */
function sayMistyped(text: string): void {
  const [message = '', hint] = text.trim().split('\n');
  const [, unknown] = /^error: unknown command '(.*)'$/.exec(message) ?? [];
  const advice = hint ?? (unknown === undefined ? undefined : commandLike(unknown));
  const sentence = message.replace(/^error: /, '').replace(/\.?$/, '.');
  say('error', [sentence, ...(advice === undefined ? [] : [advice])].join(' '));
}

/** A hint for a command typed without the part before its colon. Commander finds no similar name for that. */
function commandLike(typed: string): string {
  const like = commandNames().find((name) => typed !== '' && name.split(':').at(-1) === typed.split(/[: ]/).at(-1));
  return like ? `(Did you mean ${like}?)` : 'See flexisip-api --help.';
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader such as `head` closes the pipe after the first lines.
  if (error.code === 'EPIPE') process.exit();
  fail(`Standard output cannot be written, so the output of the command is lost: ${error.message}`);
});

// A command continues if standard error cannot be written. Commander writes there, too.
process.stderr.on('error', () => {});

keepNewFilesPrivate();
CommandFactory.run(CliModule, {
  logger: new CommandLogger(),
  cliName: 'flexisip-api',
  version: VERSION,
  outputConfiguration: { outputError: sayMistyped },
  serviceErrorHandler: exitOnCommandError,
}).catch(exitOnCommandError);
