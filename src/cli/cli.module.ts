import { Module } from '@nestjs/common';
import { CreateAdminCommand } from './create-admin.command.js';
import { MigrateCommand } from './migrate.command.js';
import { MigrateStatusCommand } from './migrate-status.command.js';
import { MigrateRevertCommand } from './migrate-revert.command.js';
import { OpenApiCommand } from './openapi.command.js';

/** The commands. None of them reads the settings or opens the database before it runs: `--help` needs neither. */
@Module({ providers: [CreateAdminCommand, MigrateCommand, MigrateStatusCommand, MigrateRevertCommand, OpenApiCommand] })
export class CliModule {}
