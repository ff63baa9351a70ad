import type { DigestAlgorithm } from '../../digest/ha1.js';
import { Algorithm, Email, NewPassword, SmsPhone } from '../../http/validation/account-members.js';
import { Member, text } from '../../http/validation/member.js';

/** A mail address to be confirmed. */
export class EmailRequestDto {
  /** The new address; the link is mailed there. */
  @Email()
  email: string;
}

/** A phone number to be confirmed. */
export class PhoneRequestDto {
  /** The new number; the code is sent there. */
  @SmsPhone()
  phone: string;
}

/** A new password. */
export class PasswordChangeDto {
  /** The hash to store the password with. */
  @Algorithm()
  algorithm: DigestAlgorithm;

  @NewPassword({ example: 'battery staple' })
  password: string;

  /** The password so far; required once there is one. */
  @Member({ required: false, schema: { type: 'string', format: 'password', example: 'correct horse' }, checks: [text] })
  old_password?: string;
}
