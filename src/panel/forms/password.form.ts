import { PasswordChangeDto } from '../../accounts/dto/change-requests.dto.js';
import { Member } from '../../http/validation/member.js';

/** A new password, entered twice. */
export class PasswordForm extends PasswordChangeDto {
  @Member({
    schema: { type: 'string' },
    checks: [
      {
        name: 'same',
        message: 'must be the same',
        passes: (value, { dto }) => value === (dto as PasswordForm).password,
      },
    ],
  })
  repeat: string;
}
