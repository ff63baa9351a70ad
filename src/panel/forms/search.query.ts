import { length, Member, text } from '../../http/validation/member.js';
import { PageQueryDto } from '../../admin/dto/account-page.dto.js';

/** The accounts to show. */
export class SearchQuery extends PageQueryDto {
  /** A part of a SIP address, e-mail address or phone number. */
  @Member({ required: false, schema: { type: 'string' }, checks: [text, length(0, 128)] })
  search?: string;
}
