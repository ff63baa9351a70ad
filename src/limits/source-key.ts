import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { sourceAddress } from '../common/source-address.js';

/** The groups of an IPv6 address that a provider assigns to one customer (RFC 6177). The customer chooses the rest. */
const GROUPS_OF_A_NETWORK = 4;

/** The source of a request as limits count it: its IPv4 address, or the /64 network of its IPv6 address. */
export function sourceKey(request: FastifyRequest): string {
  return networkOf(sourceAddress(request));
}

/**
 * The IPv4 address, or the /64 network of the IPv6 address.
 *
 * @param address in canonical form.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, GROUPS_OF_A_NETWORK).join(':')}::/64`;
}
