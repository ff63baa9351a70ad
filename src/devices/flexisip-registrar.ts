import { z } from 'zod';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import type { SipAddress } from '../common/sip/sip-address.js';
import type { CommandSocket } from './command-socket.js';
import { type Registration, Registrar } from './registrar.js';

/** A time as Unix seconds, limited to the last one that a date can show. */
const moment = z
  .union([z.number().nonnegative(), z.string().regex(/^\d+$/).transform(Number)])
  .transform((seconds) => new Date(Math.min(seconds, 253_402_300_799) * 1000));

/** A record as the proxy prints it. Other members are ignored. */
const record = z.object({
  contacts: z.array(
    z
      .object({
        'unique-id': z.string().default(''),
        'expires-at': moment,
        'update-time': moment,
        'user-agent': z.string().default(''),
      })
      .transform((contact) => ({
        uniqueId: contact['unique-id'],
        expiresAt: contact['expires-at'],
        updatedAt: contact['update-time'],
        userAgent: contact['user-agent'],
      })),
  ),
});

/** User and host of a SIP URI that need no escapes (RFC 3261 §25.1). Other addresses are not sent to the proxy. */
const CLEAN_USER = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]+$/;
const CLEAN_HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** The registrar of a Flexisip proxy on this machine, through its command socket: DEVICES_DRIVER=flexisip. */
export class FlexisipRegistrar extends Registrar {
  constructor(private readonly socket: CommandSocket) {
    super();
  }

  async list(address: SipAddress, signal: AbortSignal): Promise<Registration[]> {
    return parseRecord(await this.socket.send(['REGISTRAR_GET', sipUri(address)], signal));
  }

  async remove(address: SipAddress, uniqueId: string, signal: AbortSignal): Promise<void> {
    const answer = await this.socket.send(['REGISTRAR_DELETE', sipUri(address), uniqueId], signal);
    // A proxy that dies sends an empty answer too.
    const left = answer.trim() === '' ? await this.list(address, signal) : parseRecord(answer);
    if (left.some((registration) => registration.uniqueId === uniqueId)) {
      throw new OutboundCallFailed('the SIP proxy', 'still has the registration after its removal');
    }
  }
}

/** @throws OutboundCallFailed for an address that is not safe to send to the proxy. */
function sipUri({ username, domain }: SipAddress): string {
  if (!CLEAN_USER.test(username) || !CLEAN_HOST.test(domain)) {
    throw new OutboundCallFailed('the SIP proxy', 'not asked, since the address is not a clean SIP address');
  }
  return `sip:${username}@${domain}`;
}

/**
 * Parses the registrations in an answer of the proxy. For an unknown address, the answer depends on the version of the
 * proxy: no bytes, an empty list, or an error that begins with 404. Only the beginning counts, since an error may quote
 * an address that contains 404.
 *
 * @throws OutboundCallFailed for any other answer.
 */
export function parseRecord(answer: string): Registration[] {
  if (answer.trim() === '' || /^Error[^\w\n]+404\b/.test(answer)) return [];
  try {
    return record.parse(JSON.parse(answer)).contacts;
  } catch {
    throw new OutboundCallFailed('the SIP proxy', 'answered what is no record');
  }
}
