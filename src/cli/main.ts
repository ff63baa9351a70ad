#!/usr/bin/env node
import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { AppError } from '../common/errors/app-error.js';
import { standardError } from '../common/output.js';
import { keepNewFilesPrivate } from '../common/private-files.js';
import { DatabaseUnavailable } from '../database/database-unavailable.js';
import { isUnavailable } from '../database/dialect.js';
import { exitOnStartupError } from '../process/startup-errors.js';
import { CliModule } from './cli.module.js';
import { CommandLogger } from './command-logger.js';
import { CommandRefused } from './command-refused.js';

/** What the person at the command line can mend needs no stack trace. */
function exitOnCommandError(error: unknown): never {
  if (error instanceof CommandRefused) fail([error.message]);
  if (error instanceof AppError) {
    fail([error.message, ...Object.entries(error.errors ?? {}).map(([field, messages]) => `  - ${field}: ${messages.join(', ')}`)]);
  }
  if (error instanceof Error && isUnavailable(error)) fail([new DatabaseUnavailable(error).message]);
  exitOnStartupError(error);
}

function fail(lines: readonly string[]): never {
  standardError.write(`${lines.join('\n')}\n`);
  process.exit(1);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads the first lines only (`| head`) has what he wants.
  if (error.code === 'EPIPE') process.exit();
  fail([`Standard output cannot be written, and what the command had to say is lost: ${error.message}`]);
});

// What cannot be told on standard error keeps no command from its work; commander writes there as well.
process.stderr.on('error', () => {});

keepNewFilesPrivate();
CommandFactory.run(CliModule, { logger: new CommandLogger(), cliName: 'flexisip-api', serviceErrorHandler: exitOnCommandError }).catch(
  exitOnCommandError,
);
