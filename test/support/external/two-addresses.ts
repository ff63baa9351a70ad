import dns from 'node:dns';

/** A host name that resolves to several addresses, in that order, in the whole process. */
export const HOST = 'two-addresses.example.org';
export const [GOOD, FULL, CLOSED] = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as const;

/** Makes the host name resolve to these addresses until the spy is restored. */
export function resolveTo(addresses: readonly string[]): jest.SpyInstance {
  const { lookup } = dns;
  return jest.spyOn(dns, 'lookup').mockImplementation(((
    host: string,
    options: dns.LookupOptions,
    answer: (...results: unknown[]) => void,
  ) => {
    if (host !== HOST) return lookup(host, options, answer as never);
    if (options.all)
      answer(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    else answer(null, addresses[0], 4);
  }) as never);
}
