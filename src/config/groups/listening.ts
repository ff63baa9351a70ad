import { isIP } from 'node:net';
import type { SettingGroup, ValuesOf } from '../setting.js';
import { baseUrl, host, list, wholeNumber } from '../variable-kinds.js';

function isAddressOrNetwork(text: string): boolean {
  const [address, prefix, ...rest] = text.split('/');
  const family = isIP(address ?? '');
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/**
 * Whether the text is an origin as browsers send it: scheme, host, and the port unless it is the default port of the
 * scheme.
 */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

export const listening = {
  title: 'Where it listens',
  settings: {
    HOST: { schema: host('PORT').default('127.0.0.1'), text: 'Address to listen on.', fills: 'host' },
    PORT: {
      schema: wholeNumber(0, 65_535).default(3000),
      text: 'TCP port to listen on; 0 for any free one.',
      fills: 'port',
    },
    APP_URL: {
      schema: baseUrl.optional(),
      text:
        'The public URL, path prefix included. Links in mails, the URLs of lists and the Digest `uri` are built on ' +
        'it, never on the Host header.',
      otherwise: 'made of HOST and PORT',
      example: 'https://example.org/flexiapi',
    },
    CORS_ORIGINS: {
      schema: list(isOrigin, 'must be origins like https://admin.example.org, separated by commas').default([]),
      text: 'Origins whose scripts may read answers (CORS).',
      otherwise: 'none',
      fills: 'corsOrigins',
    },
    REQUEST_TIMEOUT: {
      schema: wholeNumber(3, 300).default(30),
      text: 'Seconds in which a request must have arrived, its headers in a third of them.',
      fills: 'requestTimeout',
    },
    KEEP_ALIVE_TIMEOUT: {
      schema: wholeNumber(1, 3_600).default(72),
      text:
        'Seconds for which an unused connection is kept. It must be longer than a load balancer in front keeps it ' +
        '(docs/flexisip.md).',
      fills: 'keepAliveTimeout',
    },
    DRAIN_DELAY: {
      schema: wholeNumber(0, 60).default(0),
      text:
        'Seconds for which calls are still accepted after a signal to stop. /health/ready is 503 meanwhile, so that ' +
        'load balancers notice. The supervisor must wait for 30 s more before it kills the process.',
      fills: 'drainDelay',
    },
    MAX_CONNECTIONS: {
      schema: wholeNumber(1, 1_000_000).default(10_000),
      text: 'Connections that a process holds at a time. Further ones are closed at once.',
      fills: 'maxConnections',
    },
    TRUST_PROXY: {
      schema: list(isAddressOrNetwork, 'must be IP addresses or networks like 10.0.0.0/8, separated by commas').default(
        [],
      ),
      text: 'Reverse proxies whose X-Forwarded-For is believed.',
      otherwise: 'none',
      example: '127.0.0.1,10.0.0.0/8',
      fills: 'trustedProxies',
    },
    WEB_CONCURRENCY: {
      schema: wholeNumber(1, 64).default(1),
      text: 'Processes that serve requests at one port. They share what they count in REDIS_URL (docs/limits.md).',
      fills: 'processes',
    },
  },
} as const satisfies SettingGroup;

export function publicUrlOf({ APP_URL, HOST, PORT }: ValuesOf<typeof listening.settings>): string {
  return APP_URL ?? `http://${urlHost(HOST)}:${PORT}`;
}

/** Formats a listening address for a URL: loopback for a wildcard, IPv6 in brackets and without its zone. */
function urlHost(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address.replace(/%.*$/, '')}]` : address;
}
