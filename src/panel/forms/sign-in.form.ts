import { length, Member, text } from '../../http/validation/member.js';

/** Who somebody says he is, and his password. What is left out is refused like what is wrong. */
export class SignInForm {
  /** A SIP address, with `sip:` in front or without, or a username of the default domain. */
  @Member({ required: false, schema: { type: 'string' }, checks: [text, length(0, 256)] })
  sip?: string;

  @Member({ required: false, schema: { type: 'string' }, checks: [text, length(0, 256)] })
  password?: string;
}
