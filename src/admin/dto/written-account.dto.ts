import { BooleanMember } from '../../http/validation/member.js';
import type { Dictionary } from '../../database/columns/dictionary-text.js';
import type { DtmfProtocol } from '../../database/entities/account.entity.js';
import {
  DictionaryMember,
  DisplayName,
  DtmfProtocolMember,
  Email,
  Phone,
} from '../../http/validation/account-members.js';

/** The optional members of an account that an administrator creates or replaces. */
export abstract class WrittenAccountDto {
  /** Stored at once, without confirmation. */
  @Email({ required: false })
  email?: string;

  /** Stored at once, without confirmation. */
  @Phone()
  phone?: string;

  /** The name that the apps show for the account. */
  @DisplayName()
  display_name?: string;

  /** How the apps of the account send DTMF. */
  @DtmfProtocolMember()
  dtmf_protocol?: DtmfProtocol;

  /** Texts to keep with the account. */
  @DictionaryMember()
  dictionary?: Dictionary;

  /** Whether the account is activated. */
  @BooleanMember({ example: true })
  activated?: boolean;

  /** Whether the account may use the admin routes. */
  @BooleanMember({ example: false })
  admin?: boolean;
}
