import { length, Member, text } from '../../http/validation/member.js';

/** Confirms the deletion of the own account for the second time. */
export class DeletionForm {
  /** The SIP address of the account. */
  @Member({ schema: { type: 'string' }, checks: [text, length(1, 256)] })
  sip: string;
}
