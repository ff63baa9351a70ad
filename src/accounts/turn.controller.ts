import { Controller, Get } from '@nestjs/common';
import { Access } from '../auth/decorators/access.decorator.js';
import { CurrentAccount } from '../auth/decorators/current-account.decorator.js';
import { Clock } from '../common/clock.js';
import { Settings } from '../config/settings.js';
import type { Account } from '../database/entities/account.entity.js';
import { TurnNotConfigured } from './accounts.errors.js';
import { TurnDto } from './dto/turn.dto.js';
import { turnCredentials } from './turn-credentials.js';

/** Access to the TURN server (contract-2x §4). */
@Controller('api/accounts/me/services/turn')
export class TurnController {
  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Credentials for the TURN server that the apps relay media through. 404 if there is no such server. */
  @Get()
  @Access('user', { errors: [new TurnNotConfigured()] })
  show(@CurrentAccount() { id }: Account): TurnDto {
    const { turn } = this.settings;
    if (!turn) throw new TurnNotConfigured();
    // Apps send the user name in clear text, so it has the id of the account and not its SIP address.
    const credentials = turnCredentials(turn.secret, String(id), this.clock.in(turn.lifetime));
    return { ...credentials, ttl: turn.lifetime, uris: [...turn.uris] };
  }
}
