import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { CaptchaModule } from '../captcha/captcha.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { AllAccountsController } from './all-accounts.controller.js';
import { ApiKeyController } from './api-key.controller.js';
import { CaptchaScriptsController } from './captcha-scripts.controller.js';
import { ContactController } from './contact.controller.js';
import { EmailConfirmationController } from './email-confirmation.controller.js';
import { FaviconController } from './favicon.controller.js';
import { FormTokens } from './form-tokens.js';
import { OwnAccountController } from './own-account.controller.js';
import { OwnDevicesController } from './own-devices.controller.js';
import { PageErrors } from './page-errors.js';
import { Pages } from './pages.service.js';
import { RequestTokenController } from './request-token.controller.js';
import { SignInController } from './sign-in.controller.js';
import { SignInService } from './sign-in.service.js';
import { StartController } from './start.controller.js';
import { StyleController } from './style.controller.js';

/**
 * Pages for people: the panel under `/account` (protocol §7), and the page of a request token (contract-2x §3). They
 * contain no rules; the services of the API do.
 */
@Module({
  imports: [AccountsModule, AdminModule, AuthModule, CaptchaModule, DevicesModule, TokensModule],
  controllers: [
    StartController,
    FaviconController,
    StyleController,
    CaptchaScriptsController,
    SignInController,
    OwnAccountController,
    ContactController,
    OwnDevicesController,
    ApiKeyController,
    AllAccountsController,
    EmailConfirmationController,
    RequestTokenController,
  ],
  providers: [FormTokens, Pages, SignInService, PageErrors],
})
export class PanelModule {}
