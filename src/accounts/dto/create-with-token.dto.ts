import { length, Member, text } from '../../http/validation/member.js';
import {
  Algorithm,
  Email,
  NewPassword,
  RegistrationDomain,
  SmsPhone,
  Username,
} from '../../http/validation/account-members.js';
import type { DigestAlgorithm } from '../../digest/ha1.js';

/** An account that an app creates for its user. */
export class CreateWithTokenDto {
  /** The name before the `@` of the SIP address; unique in the domain. */
  @Username()
  username: string;

  @NewPassword()
  password: string;

  /** The hash to store the password with. */
  @Algorithm()
  algorithm: DigestAlgorithm;

  /** The token that was pushed to the device. */
  @Member({ schema: { type: 'string', example: 'w8UQ1nGZfsVt3' }, checks: [text, length(1, 255)] })
  token: string;

  /** A domain in which this service registers accounts. Default: the first one. */
  @RegistrationDomain()
  domain?: string;

  /** Where to send the activation code. Not together with `phone`. */
  @Email({ required: false })
  email?: string;

  /** The phone number to send the activation code to. The activation confirms it. Not together with `email`. */
  @SmsPhone({ required: false })
  phone?: string;
}
