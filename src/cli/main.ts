import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { AppError } from '../common/errors/app-error.js';
import { exitOnStartupError } from '../process/startup-errors.js';
import { CliModule } from './cli.module.js';

/** What the person at the command line can mend needs no stack trace. */
function exitOnCommandError(error: unknown): never {
  if (!(error instanceof AppError)) exitOnStartupError(error);
  const details = Object.entries(error.errors ?? {}).map(([field, messages]) => `  - ${field}: ${messages.join(', ')}`);
  process.stderr.write(`${[error.message, ...details].join('\n')}\n`);
  process.exit(1);
}

CommandFactory.run(CliModule, { logger: ['error'], cliName: 'flexisip-api', serviceErrorHandler: exitOnCommandError }).catch(
  exitOnCommandError,
);
