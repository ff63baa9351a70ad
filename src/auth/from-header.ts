import type { FastifyRequest } from 'fastify';
import { ValidationFailed } from '../common/errors/app-error.js';
import { headerValues } from '../http/headers.js';
import { parseFrom, type SipAddress } from '../common/sip/sip-address.js';
import { FromAmbiguous } from './auth.errors.js';

/**
 * The SIP address in the `From` header of a request (protocol §2).
 *
 * @throws FromAmbiguous for two headers; ValidationFailed for a missing or malformed one.
 */
export function fromHeader(request: FastifyRequest): SipAddress {
  // Node keeps only the first of two From headers in `headers`.
  const [header, ...others] = headerValues(request.raw, 'from');
  if (others.length > 0) throw new FromAmbiguous();
  if (!header) throw new ValidationFailed({ from: ['The From header is required, like sip:user@domain'] });
  const address = parseFrom(header);
  if (!address) throw new ValidationFailed({ from: ['The From header must be a SIP address like sip:user@domain'] });
  return address;
}
