import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * The address a request comes from: the peer's, or the right-most untrusted one of X-Forwarded-For where
 * TRUST_PROXY says whom to trust (contract §8). An IPv4-mapped IPv6 address is written as IPv4.
 */
export function sourceAddress(request: FastifyRequest): string {
  // What a trusted proxy forwards should be an address; where it is not, the proxy itself is the source.
  const address = isIP(request.ip) ? request.ip : (request.socket.remoteAddress ?? '');
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
