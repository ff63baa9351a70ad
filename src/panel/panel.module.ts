import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { EmailConfirmationController } from './email-confirmation.controller.js';

/** Pages for people, under `/account`. */
@Module({ imports: [AccountsModule], controllers: [EmailConfirmationController] })
export class PanelModule {}
