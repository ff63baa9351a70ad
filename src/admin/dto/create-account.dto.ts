import type { Dictionary } from '../../database/columns/dictionary-text.js';
import type { DtmfProtocol } from '../../database/entities/account.entity.js';
import type { DigestAlgorithm } from '../../digest/ha1.js';
import {
  Algorithm,
  DateTimeText,
  DictionaryMember,
  DisplayName,
  DtmfProtocolMember,
  Email,
  NewPassword,
  Phone,
  SipDomain,
  Username,
} from '../../http/validation/account-members.js';
import { BooleanMember } from '../../http/validation/member.js';

/** An account that an administrator creates. */
export class CreateAccountDto {
  /** The name before the `@` of the SIP address; unique in the domain. */
  @Username()
  username: string;

  @NewPassword()
  password: string;

  /** The hash to store the password with. Default: DEFAULT_ALGORITHM. */
  @Algorithm({ required: false })
  algorithm?: DigestAlgorithm;

  /** The domain of the SIP address. Default: the first registration domain. */
  @SipDomain()
  domain?: string;

  /** Stored at once, without confirmation. */
  @Email({ required: false })
  email?: string;

  /** Whether the account is activated immediately. Default: false. */
  @BooleanMember({ example: true })
  activated?: boolean;

  /** Whether the account may use the admin routes. Default: false. */
  @BooleanMember({ example: false })
  admin?: boolean;

  /** Stored at once, without confirmation. */
  @Phone()
  phone?: string;

  /** When the confirmation key expires, in UTC, like `2026-12-31 23:59:59`. Only for an account that is not activated. */
  @DateTimeText()
  confirmation_key_expires?: string;

  /** The name that the apps show for the account. */
  @DisplayName()
  display_name?: string;

  /** How the apps of the account send DTMF. */
  @DtmfProtocolMember()
  dtmf_protocol?: DtmfProtocol;

  /** Texts to keep with the account. */
  @DictionaryMember()
  dictionary?: Dictionary;
}
