import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { VerificationModule } from '../verification/verification.module.js';
import { AbandonedSignUps } from './abandoned-sign-ups.repository.js';
import { AccountCreationService } from './account-creation.service.js';
import { AccountLookupModule } from '../directory/account-lookup.module.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsRepository } from './accounts.repository.js';
import { AccountsService } from './accounts.service.js';
import { ActivationCodes } from './activation-codes.repository.js';
import { ActivationService } from './activation.service.js';
import { AuthTokensController } from './auth-tokens.controller.js';
import { AuthTokensService } from './auth-tokens.service.js';
import { EmailChanges } from './email-changes.repository.js';
import { EmailChangeService } from './email-change.service.js';
import { EmailCodes } from './email-codes.repository.js';
import { MeController } from './me.controller.js';
import { OwnActivation } from './own-activation.service.js';
import { OwnApiKeyController } from './own-api-key.controller.js';
import { OwnApiKeyService } from './own-api-key.service.js';
import { PasswordsRepository } from './passwords.repository.js';
import { PasswordsService } from './passwords.service.js';
import { PhoneChangeCodes } from './phone-change-codes.repository.js';
import { PhoneChangeService } from './phone-change.service.js';
import { PhoneNumbersRepository } from './phone-numbers.repository.js';
import { PhonesService } from './phones.service.js';
import { ProfilesService } from './profiles.service.js';
import { RegistrationService } from './registration.service.js';
import { SignUpPurgeService } from './sign-up-purge.service.js';
import { TokenConsumptionController } from './token-consumption.controller.js';
import { TokenConsumptionService } from './token-consumption.service.js';
import { TokenSignUpService } from './token-sign-up.service.js';
import { TurnController } from './turn.controller.js';
import { UnconfirmedAccountsRepository } from './unconfirmed-accounts.repository.js';
import { UnconfirmedAccountsService } from './unconfirmed-accounts.service.js';

/** Accounts: the public routes, and the routes of an account for itself. */
@Module({
  imports: [AccountLookupModule, AuthModule, TokensModule, DevicesModule, VerificationModule],
  controllers: [
    AccountsController,
    AuthTokensController,
    MeController,
    OwnApiKeyController,
    TokenConsumptionController,
    TurnController,
  ],
  providers: [
    AbandonedSignUps,
    AccountCreationService,
    AccountsRepository,
    AccountsService,
    ActivationCodes,
    ActivationService,
    AuthTokensService,
    EmailChanges,
    EmailCodes,
    EmailChangeService,
    OwnActivation,
    OwnApiKeyService,
    PasswordsRepository,
    PasswordsService,
    PhoneNumbersRepository,
    PhoneChangeCodes,
    PhoneChangeService,
    PhonesService,
    ProfilesService,
    RegistrationService,
    SignUpPurgeService,
    TokenConsumptionService,
    TokenSignUpService,
    UnconfirmedAccountsRepository,
    UnconfirmedAccountsService,
  ],
  exports: [
    AccountLookupModule,
    AccountCreationService,
    AccountsRepository,
    AccountsService,
    ActivationService,
    EmailChangeService,
    PasswordsService,
    PhoneChangeService,
    ProfilesService,
    UnconfirmedAccountsService,
  ],
})
export class AccountsModule {}
