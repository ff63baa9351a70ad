import { Member, pattern } from '../../http/validation/member.js';
import { ACTIVATION_CODE } from '../../directory/activation-code.js';
import { PhoneCode } from '../../http/validation/account-members.js';

/** The code from the activation e-mail. */
export class EmailActivationDto {
  /** 13 characters. The 4 digits of an SMS are accepted too: liblinphone before 5.2.55 sends them here. */
  @Member({
    schema: { type: 'string', pattern: ACTIVATION_CODE.source, example: 'aZ3kP9sQ1xW7b' },
    checks: [pattern(ACTIVATION_CODE, 'must have 13 characters of A-Z a-z 0-9, or 4 digits')],
  })
  code: string;
}

/** A code from an e-mail. */
export class EmailCodeDto {
  @PhoneCode()
  code: string;
}

/** A code from an SMS. */
export class PhoneCodeDto {
  @PhoneCode()
  code: string;
}
