import type { DigestAlgorithm } from '../../digest/ha1.js';
import { Algorithm, DateTimeText, NewPassword, SipDomain, Username } from '../../http/validation/account-members.js';
import { WrittenAccountDto } from './written-account.dto.js';

/** An account that an administrator creates. It is not activated, and no administrator, unless the members say so. */
export class CreateAccountDto extends WrittenAccountDto {
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

  /** When the confirmation key expires, in UTC, like `2026-12-31 23:59:59`. Only for an account that is not activated. */
  @DateTimeText()
  confirmation_key_expires?: string;
}
