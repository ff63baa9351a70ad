import { length, Member, text } from '../../http/validation/member.js';

/** The device to remove. */
export class DeviceForm {
  @Member({ schema: { type: 'string' }, checks: [text, length(1, 1024)] })
  uuid: string;
}
