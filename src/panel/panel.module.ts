import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { AllAccountsController } from './all-accounts.controller.js';
import { ApiKeyController } from './api-key.controller.js';
import { ContactController } from './contact.controller.js';
import { EmailConfirmationController } from './email-confirmation.controller.js';
import { FaviconController } from './favicon.controller.js';
import { FormTokens } from './form-tokens.js';
import { OwnAccountController } from './own-account.controller.js';
import { OwnDevicesController } from './own-devices.controller.js';
import { PageErrors } from './page-errors.js';
import { Pages } from './pages.service.js';
import { SignInController } from './sign-in.controller.js';
import { SignInService } from './sign-in.service.js';
import { StartController } from './start.controller.js';
import { StyleController } from './style.controller.js';

/** Pages for people, under `/account` (protocol §7). They contain no rules; the services of the API do. */
@Module({
  imports: [AccountsModule, AdminModule, AuthModule, DevicesModule],
  controllers: [
    StartController,
    FaviconController,
    StyleController,
    SignInController,
    OwnAccountController,
    ContactController,
    OwnDevicesController,
    ApiKeyController,
    AllAccountsController,
    EmailConfirmationController,
  ],
  providers: [FormTokens, Pages, SignInService, PageErrors],
})
export class PanelModule {}
