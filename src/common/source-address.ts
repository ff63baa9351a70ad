import { isIP, isIPv4, SocketAddress } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * Returns the source address of a request: the address of the peer, or the right-most untrusted address of
 * X-Forwarded-For if TRUST_PROXY names trusted proxies (protocol §8). The address is in canonical form (RFC 5952)
 * without a zone. An IPv4-mapped address becomes an IPv4 address.
 */
export function sourceAddress(request: FastifyRequest): string {
  const { ip } = request;
  if (isIPv4(ip)) return ip;
  // A trusted proxy should forward an address. If it forwards anything else, the proxy itself is the source.
  const forwarded = withoutPort(ip);
  const address = isIP(forwarded) ? forwarded : (request.socket.remoteAddress ?? '');
  const [withoutZone = ''] = address.split('%', 1);
  if (isIP(withoutZone) !== 6) return withoutZone;
  const canonical = new SocketAddress({ address: withoutZone, family: 'ipv6' }).address;
  return canonical.replace(/^::ffff:(?=\d+\.)/, '');
}

/** Removes the port, which some proxies forward as well: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  const [, inBrackets, plain] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/.exec(text) ?? [];
  return inBrackets ?? plain ?? text;
}
