import type { SipAddress } from '../common/sip/sip-address.js';

/** A registration of an account at the SIP proxy (RFC 3261 §10): one device. */
export interface Registration {
  /** The unique id exactly as the registrar has it, quotes and brackets included, such as `"<urn:uuid:…>"`. */
  readonly uniqueId: string;
  readonly expiresAt: Date;
  readonly updatedAt: Date;
  readonly userAgent: string;
}

/**
 * The registrar of the SIP proxy. The signal is aborted when no caller waits any more. Every method throws OutboundCallFailed if the registrar
 * does not answer, or its answer cannot be understood.
 */
export abstract class Registrar {
  /** The registrations of an account, none if the registrar does not know it. */
  abstract list(address: SipAddress, signal: AbortSignal): Promise<Registration[]>;

  /** Removes one registration; nothing happens where there is none with this unique id. */
  abstract remove(address: SipAddress, uniqueId: string, signal: AbortSignal): Promise<void>;
}
