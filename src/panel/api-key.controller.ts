import { Controller, Get } from '@nestjs/common';
import type { Account } from '../accounts/entities/account.entity.js';
import { AdminRightsService } from '../admin/admin-rights.service.js';
import { AdminOnly, SignedIn } from '../auth/decorators/access.decorators.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { PanelPages, TakesForm, TakesFormAndShows } from './panel-page.decorator.js';
import { goTo, type Redirect, type View, view } from './view.js';
import { ApiKeyPage } from './views/api-key.js';

/** The API key of an administrator (contract §7). */
@SignedIn()
@AdminOnly()
@PanelPages()
@Controller('account/api-key')
export class ApiKeyController {
  constructor(private readonly rights: AdminRightsService) {}

  @Get()
  show(@CurrentAccount() { apiKey }: Account): View {
    return view(ApiKeyPage, { hasKey: apiKey !== null });
  }

  /** Shows the key in its answer: it is kept nowhere where a second page could find it. */
  @TakesFormAndShows('generate')
  async generate(@CurrentAccount() { id }: Account): Promise<View> {
    return view(ApiKeyPage, { hasKey: true, newKey: await this.rights.generateKey(id) });
  }

  @TakesForm('revoke')
  async revoke(@CurrentAccount() { id }: Account): Promise<Redirect> {
    await this.rights.revokeKey(id);
    return goTo('api-key', 'revoked');
  }
}
