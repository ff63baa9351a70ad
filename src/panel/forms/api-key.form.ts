import { BooleanMember } from '../../http/validation/member.js';

/** The yes to the end of the key that there is. */
export class ApiKeyForm {
  @BooleanMember({})
  ends?: boolean;
}
