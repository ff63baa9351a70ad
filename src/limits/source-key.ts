import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { sourceAddress } from '../common/source-address.js';

/** Of an IPv6 address, the groups that an operator gives to one customer (RFC 6177): the rest the customer draws as he likes. */
const GROUPS_OF_A_NETWORK = 4;

/** What limits count a request's source as: its IPv4 address, or the /64 network of its IPv6 address. */
export function sourceKey(request: FastifyRequest): string {
  return networkOf(sourceAddress(request));
}

/** @param address in its canonical form. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, GROUPS_OF_A_NETWORK).join(':')}::/64`;
}
