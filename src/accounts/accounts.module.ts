import { Module } from '@nestjs/common';
import { DevicesModule } from '../devices/devices.module.js';
import { MailModule } from '../mail/mail.module.js';
import { SmsModule } from '../sms/sms.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { AccountCreationService } from './account-creation.service.js';
import { AccountLookupModule } from '../directory/account-lookup.module.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { ActivationCodesService } from './activation-codes.service.js';
import { ActivationService } from './activation.service.js';
import { EmailChangeService } from './email-change.service.js';
import { MeController } from './me.controller.js';
import { PasswordsService } from './passwords.service.js';
import { PhoneChangeService } from './phone-change.service.js';
import { PhonesService } from './phones.service.js';
import { RegistrationService } from './registration.service.js';
import { UnconfirmedAccountsService } from './unconfirmed-accounts.service.js';

/** Accounts: what anybody can do with them, and what they can do with themselves. */
@Module({
  imports: [AccountLookupModule, TokensModule, DevicesModule, MailModule, SmsModule],
  controllers: [AccountsController, MeController],
  providers: [
    AccountCreationService,
    AccountsService,
    ActivationCodesService,
    ActivationService,
    EmailChangeService,
    PasswordsService,
    PhoneChangeService,
    PhonesService,
    RegistrationService,
    UnconfirmedAccountsService,
  ],
  exports: [
    AccountLookupModule,
    AccountCreationService,
    AccountsService,
    ActivationService,
    EmailChangeService,
    PasswordsService,
    PhoneChangeService,
    UnconfirmedAccountsService,
  ],
})
export class AccountsModule {}
