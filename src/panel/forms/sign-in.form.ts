import { length, Member, text } from '../../common/validation/member.js';

/** Who somebody says he is, and his password. */
export class SignInForm {
  /** A SIP address, with `sip:` in front or without. */
  @Member({ schema: { type: 'string' }, checks: [text, length(1, 256)] })
  sip: string;

  @Member({ schema: { type: 'string' }, checks: [text, length(1, 256)] })
  password: string;
}
