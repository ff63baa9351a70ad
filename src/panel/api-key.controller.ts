import { Body, Controller, Get } from '@nestjs/common';
import type { Account } from '../database/entities/account.entity.js';
import { AdminRightsService } from '../admin/admin-rights.service.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { ApiKeyForm } from './forms/api-key.form.js';
import { PanelPages, TakesForm, TakesFormAndShows } from './panel-page.decorator.js';
import { goTo, type Redirect, type View, view } from './view.js';
import { ApiKeyEndPage, ApiKeyPage } from './views/api-key.js';

/** The API key of an administrator (protocol §7). */
@PanelPages('admin')
@Controller('account/api-key')
export class ApiKeyController {
  constructor(private readonly rights: AdminRightsService) {}

  @Get()
  show(@CurrentAccount() { hasApiKey }: Account): View {
    return view(ApiKeyPage, { hasKey: hasApiKey });
  }

  /** Asks for confirmation: programs that use the old key stop working. */
  @Get('generate')
  askForReplacement(@CurrentAccount() { hasApiKey }: Account): View {
    return hasApiKey ? view(ApiKeyEndPage, { action: 'generate' as const }) : view(ApiKeyPage, { hasKey: false });
  }

  /** Shows the key in this response. It is stored nowhere that another page could read it. */
  @TakesFormAndShows('generate')
  async generate(@CurrentAccount() { id }: Account, @Body() { ends = false }: ApiKeyForm): Promise<View> {
    const newKey = await this.rights.generateKey(id, { replaces: ends });
    return newKey === null
      ? view(ApiKeyEndPage, { action: 'generate' as const })
      : view(ApiKeyPage, { hasKey: true, newKey });
  }

  @Get('revoke')
  askForRevocation(@CurrentAccount() { hasApiKey }: Account): View {
    return hasApiKey ? view(ApiKeyEndPage, { action: 'revoke' as const }) : view(ApiKeyPage, { hasKey: false });
  }

  @TakesForm('revoke')
  async revoke(@CurrentAccount() { id }: Account, @Body() { ends = false }: ApiKeyForm): Promise<Redirect> {
    if (!ends) return goTo('api-key/revoke');
    await this.rights.revokeKey(id);
    return goTo('api-key', 'revoked');
  }
}
