import { length, Member, text } from '../../http/validation/member.js';

/** SIP address and password of a sign-in. A missing value is rejected like a wrong one. */
export class SignInForm {
  /** A SIP address with or without `sip:`, or a username of the default domain. */
  @Member({ required: false, schema: { type: 'string' }, checks: [text, length(0, 256)] })
  sip?: string;

  @Member({ required: false, schema: { type: 'string' }, checks: [text, length(0, 256)] })
  password?: string;
}
