import { ApiProperty } from '@nestjs/swagger';
import { toUuid } from '../devices.service.js';
import type { Registration } from '../registrar.js';
import { parseUserAgent } from '../user-agent.js';

/** A device: a registration of the account at the SIP proxy. */
export class DeviceDto {
  /** The unique id of the registration, without the quotes and angle brackets around it. */
  @ApiProperty({ example: 'urn:uuid:7a3d8e90-1111-2222-3333-0123456789ab' })
  uuid: string;

  /** When the registration ends, ISO 8601, UTC. */
  @ApiProperty({ example: '2021-04-22T11:00:00.000000Z' })
  expires_at: string;

  /** When the device last registered, ISO 8601, UTC. */
  @ApiProperty({ example: '2021-04-22T10:00:00.000000Z' })
  update_time: string;

  /** The user agent of the device. */
  @ApiProperty({ example: 'LinphoneAndroid/6.0.5 (Galaxy S21) LinphoneSDK/5.4.2' })
  user_agent: string;

  /** The name of the app, out of the user agent; null where that does not tell. */
  @ApiProperty({ type: String, nullable: true, example: 'LinphoneAndroid' })
  app: string | null;

  /** The version of the app, out of the user agent; null where that does not tell. */
  @ApiProperty({ type: String, nullable: true, example: '6.0.5' })
  version: string | null;

  /** The name of the device, out of the user agent; null where that does not tell. */
  @ApiProperty({ type: String, nullable: true, example: 'Galaxy S21' })
  device_name: string | null;

  static from(registration: Registration): DeviceDto {
    const { app, version, deviceName } = parseUserAgent(registration.userAgent);
    return {
      uuid: toUuid(registration.uniqueId),
      expires_at: formatMicroseconds(registration.expiresAt),
      update_time: formatMicroseconds(registration.updatedAt),
      user_agent: registration.userAgent,
      app,
      version,
      device_name: deviceName,
    };
  }

  /** Returns an object keyed by uuid, even if it is empty: liblinphone cannot read a list (protocol §5). */
  static byUuid(registrations: readonly Registration[]): Record<string, DeviceDto> {
    return Object.fromEntries(
      registrations.map((registration) => [toUuid(registration.uniqueId), DeviceDto.from(registration)]),
    );
  }
}

/** `2021-04-22T10:00:00.000000Z`, as the 2021 server wrote it. */
function formatMicroseconds(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
