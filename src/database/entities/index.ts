import { Account } from './account.entity.js';
import { ActivationExpiration } from './activation-expiration.entity.js';
import { Admin } from './admin.entity.js';
import { Alias } from './alias.entity.js';
import { EmailChange } from './email-change.entity.js';
import { OneTimeToken } from './one-time-token.entity.js';
import { Password } from './password.entity.js';
import { PhoneChangeCode } from './phone-change-code.entity.js';
import { ApiKey } from './api-key.entity.js';
import { Nonce } from './nonce.entity.js';
import { PanelSession } from './panel-session.entity.js';
import { Token } from './token.entity.js';

/** All entities: tables that Flexisip shares with this service, and tables of this service alone. */
export const entities = [
  Account,
  ActivationExpiration,
  Admin,
  Alias,
  ApiKey,
  EmailChange,
  Nonce,
  OneTimeToken,
  PanelSession,
  Password,
  PhoneChangeCode,
  Token,
];
