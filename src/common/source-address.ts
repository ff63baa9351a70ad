import { isIP, isIPv4, SocketAddress } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * The address a request comes from: the peer's, or the right-most untrusted one of X-Forwarded-For where
 * TRUST_PROXY says whom to trust (protocol §8). In its canonical form (RFC 5952) without a zone, an IPv4-mapped one
 * as IPv4.
 */
export function sourceAddress(request: FastifyRequest): string {
  const { ip } = request;
  if (isIPv4(ip)) return ip;
  // What a trusted proxy forwards should be an address; where it is not, the proxy itself is the source.
  const forwarded = withoutPort(ip);
  const address = isIP(forwarded) ? forwarded : (request.socket.remoteAddress ?? '');
  const [withoutZone = ''] = address.split('%', 1);
  if (isIP(withoutZone) !== 6) return withoutZone;
  const canonical = new SocketAddress({ address: withoutZone, family: 'ipv6' }).address;
  return canonical.replace(/^::ffff:(?=\d+\.)/, '');
}

/** Some proxies forward the port as well: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  const [, inBrackets, plain] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/.exec(text) ?? [];
  return inBrackets ?? plain ?? text;
}
