import type { DigestAlgorithm } from '../../digest/ha1.js';
import { Algorithm, Email, NewPassword, SmsPhone } from '../../http/validation/account-members.js';
import { Member, text } from '../../http/validation/member.js';

/** A request to confirm a new e-mail address. */
export class EmailRequestDto {
  /** The new e-mail address. The link and the code are sent to it. */
  @Email()
  email: string;
}

/** A request to confirm a new phone number. */
export class PhoneRequestDto {
  /** The new phone number. The code is sent to it. */
  @SmsPhone()
  phone: string;
}

/** A new password. */
export class PasswordChangeDto {
  /** The hash to store the password with. Default: all algorithms that the account has. */
  @Algorithm({ required: false })
  algorithm?: DigestAlgorithm;

  @NewPassword({ example: 'battery staple' })
  password: string;

  /** The current password. Required if the account has one. */
  @Member({ required: false, schema: { type: 'string', format: 'password', example: 'correct horse' }, checks: [text] })
  old_password?: string;
}
