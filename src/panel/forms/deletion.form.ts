import { length, Member, text } from '../../http/validation/member.js';

/** The second yes to deleting one's account. */
export class DeletionForm {
  /** The SIP address of the account. */
  @Member({ schema: { type: 'string' }, checks: [text, length(1, 256)] })
  sip: string;
}
