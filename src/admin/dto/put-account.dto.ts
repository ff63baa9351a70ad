import type { Dictionary } from '../../database/columns/dictionary-text.js';
import type { DtmfProtocol } from '../../database/entities/account.entity.js';
import type { DigestAlgorithm } from '../../digest/ha1.js';
import {
  Algorithm,
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
import type { AccountEdit } from '../account-edits.service.js';

/** The new state of an account. */
export class PutAccountDto {
  /** A new one needs a password. */
  @Username()
  username: string;

  /** Replaces all passwords. Without it, they stay. */
  @NewPassword({ required: false })
  password?: string;

  /** The hash to store the password with. Default: those that the account has. Without a password it has no effect. */
  @Algorithm({ required: false })
  algorithm?: DigestAlgorithm;

  /** The domain of the account, which cannot be changed. */
  @SipDomain()
  domain?: string;

  /** Stored at once, without confirmation. Without it, the account has none afterwards. */
  @Email({ required: false })
  email?: string;

  /** Stored at once, without confirmation. Without it, the account has none afterwards. */
  @Phone()
  phone?: string;

  /** The name that the apps show for the account. Without it, the account has none afterwards. */
  @DisplayName()
  display_name?: string;

  /** How the apps of the account send DTMF. Without it, that is not set afterwards. */
  @DtmfProtocolMember()
  dtmf_protocol?: DtmfProtocol;

  /** Replaces the texts that are kept with the account. Without it, they stay. */
  @DictionaryMember()
  dictionary?: Dictionary;

  /** Without it, the account stays activated or deactivated. */
  @BooleanMember({ example: true })
  activated?: boolean;

  /** Without it, the account stays an administrator or not. */
  @BooleanMember({ example: false })
  admin?: boolean;

  static toEdit({ email, phone, display_name, dtmf_protocol, dictionary, ...others }: PutAccountDto): AccountEdit {
    return {
      ...others,
      email: email ?? null,
      phone: phone ?? null,
      displayName: display_name ?? null,
      dtmfProtocol: dtmf_protocol ?? null,
      dictionary: dictionary && (() => dictionary),
    };
  }
}
