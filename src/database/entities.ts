import { Account } from '../accounts/entities/account.entity.js';
import { ActivationExpiration } from '../accounts/entities/activation-expiration.entity.js';
import { Admin } from '../accounts/entities/admin.entity.js';
import { Alias } from '../accounts/entities/alias.entity.js';
import { EmailChange } from '../accounts/entities/email-change.entity.js';
import { Password } from '../accounts/entities/password.entity.js';
import { PhoneChangeCode } from '../accounts/entities/phone-change-code.entity.js';
import { ApiKey } from '../auth/entities/api-key.entity.js';
import { Nonce } from '../auth/entities/nonce.entity.js';
import { PanelSession } from '../auth/entities/panel-session.entity.js';
import { Token } from '../tokens/entities/token.entity.js';

/** Every entity: the tables Flexisip shares with us, and those of our own. */
export const entities = [
  Account,
  ActivationExpiration,
  Admin,
  Alias,
  ApiKey,
  EmailChange,
  Nonce,
  PanelSession,
  Password,
  PhoneChangeCode,
  Token,
];
