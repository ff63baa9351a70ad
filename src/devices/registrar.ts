import type { SipAddress } from '../common/sip/sip-address.js';

/** A registration of an account at the SIP proxy (RFC 3261 §10): one device. */
export interface Registration {
  /** The unique id exactly as the registrar stores it, with quotes and brackets, such as `"<urn:uuid:…>"`. */
  readonly uniqueId: string;
  readonly expiresAt: Date;
  readonly updatedAt: Date;
  readonly userAgent: string;
}

/**
 * The interface to the registrar of the SIP proxy. The signal is aborted when no caller waits any more. Every method
 * throws OutboundCallFailed if the registrar does not answer, or if its answer cannot be parsed.
 */
export abstract class Registrar {
  /** Lists the registrations of an account; none if the registrar does not know it. */
  abstract list(address: SipAddress, signal: AbortSignal): Promise<Registration[]>;

  /** Removes one registration. Nothing happens if none has this unique id. */
  abstract remove(address: SipAddress, uniqueId: string, signal: AbortSignal): Promise<void>;
}
