import { Module } from '@nestjs/common';
import { InjectCommander } from 'nest-commander';
import { ClearNoncesCommand } from './clear-nonces.command.js';
import { ClearUnconfirmedCommand } from './clear-unconfirmed.command.js';
import { CreateAdminCommand } from './create-admin.command.js';
import { DoctorCommand } from './doctor.command.js';
import { GenerateApiKeyCommand } from './generate-api-key.command.js';
import { MigrateCommand } from './migrate.command.js';
import { MigrateStatusCommand } from './migrate-status.command.js';
import { MigrateRevertCommand } from './migrate-revert.command.js';
import { OpenApiCommand } from './openapi.command.js';
import { SetAdminCommand } from './set-admin.command.js';
import { ShowAccountCommand } from './show-account.command.js';

/** The part of commander's interface that is used here. */
interface Commander {
  name(name: string): unknown;
  readonly commands: readonly { name(): string }[];
}

/** The commands, as soon as commander knows them. */
const known: { commands: Commander['commands'] } = { commands: [] };

/** The names of all commands. */
export const commandNames = (): string[] => known.commands.map((command) => command.name());

/** The commands. A command reads settings and opens the database only when it runs, so `--help` needs neither. */
@Module({
  providers: [
    CreateAdminCommand,
    SetAdminCommand,
    ShowAccountCommand,
    ClearUnconfirmedCommand,
    GenerateApiKeyCommand,
    ClearNoncesCommand,
    MigrateCommand,
    MigrateStatusCommand,
    MigrateRevertCommand,
    OpenApiCommand,
    DoctorCommand,
  ],
})
export class CliModule {
  /** The help always shows the installed name of the program, however it was started. */
  constructor(@InjectCommander() commander: Commander) {
    commander.name('flexisip-api');
    known.commands = commander.commands;
  }
}
