import type { DigestAlgorithm } from '../../digest/ha1.js';
import { Algorithm, NewPassword, SipDomain, Username } from '../../http/validation/account-members.js';
import type { AccountEdit } from '../account-edits.service.js';
import { WrittenAccountDto } from './written-account.dto.js';

/**
 * The new state of an account. Without `email`, `phone`, `display_name` or `dtmf_protocol`, the account has none
 * afterwards. Any other member that is absent stays as it is.
 */
export class PutAccountDto extends WrittenAccountDto {
  /** A new one needs a password. */
  @Username()
  username: string;

  /** Replaces all passwords. */
  @NewPassword({ required: false })
  password?: string;

  /** The hash to store the password with. Default: those that the account has. Without a password it has no effect. */
  @Algorithm({ required: false })
  algorithm?: DigestAlgorithm;

  /** The domain of the account, which cannot be changed. */
  @SipDomain()
  domain?: string;

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
