import { Member, pattern } from '../../http/validation/member.js';
import type { PushTarget } from '../../push/push-sender.js';

/**
 * Only characters that a shell, a command line or a URL reads as plain text. A `-` in first place is rejected because
 * it could be read as an option.
 */
const PUSH_PARAMETER = /^[A-Za-z0-9._:&][A-Za-z0-9._:&-]{0,254}$/;

const PushParameter = (example: string) =>
  Member({
    schema: { type: 'string', maxLength: 255, pattern: PUSH_PARAMETER.source, example },
    checks: [pattern(PUSH_PARAMETER, 'must have 1 to 255 characters of A-Z a-z 0-9 . _ : & - and not start with -')],
  });

/** The device that a token is for, identified by its push parameters (RFC 8599). */
export class CreateTokenDto {
  /** The push service. */
  @Member({
    schema: { type: 'string', enum: ['apns', 'apns.dev', 'fcm'], example: 'fcm' },
    checks: [pattern(/^(apns|apns\.dev|fcm)$/, 'must be apns, apns.dev or fcm')],
  })
  pn_provider: PushTarget['pnProvider'];

  /** What the push service needs to find the app: the FCM project, or the Apple team and bundle. */
  @PushParameter('my-project')
  pn_param: string;

  /** The identifier of the device at the push service. */
  @PushParameter('f6y8_CVdQnY:APA91bHZcGcxaQ')
  pn_prid: string;

  static toPushTarget(dto: CreateTokenDto): PushTarget {
    return { pnProvider: dto.pn_provider, pnParam: dto.pn_param, pnPrid: dto.pn_prid };
  }
}
