import { BooleanMember } from '../../http/validation/member.js';

/** Confirms that the current key is revoked. */
export class ApiKeyForm {
  @BooleanMember({})
  ends?: boolean;
}
