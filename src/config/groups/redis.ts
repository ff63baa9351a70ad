import { z } from 'zod';
import type { RedisSettings } from '../outbound-settings.js';
import { redisUrl, sentinelList } from '../redis-kinds.js';
import type { IsGiven, SettingGroup, ValuesOf } from '../setting.js';
import { certificates, word } from '../variable-kinds.js';
import type { outbound } from './outbound.js';

export const redis = {
  title: 'Redis',
  settings: {
    REDIS_URL: {
      schema: redisUrl.optional(),
      text:
        'A Redis in which several processes share what they count (docs/limits.md). DEVICES_DRIVER=redis looks up ' +
        'devices there too, unless FLEXISIP_REDIS_URL names another. With rediss:// it is reached by TLS.',
      otherwise: 'none',
      example: 'redis://127.0.0.1:6379/0',
      secret: true,
      required: 'NONCE_STORE=redis',
    },
    REDIS_SENTINELS: {
      schema: sentinelList,
      text: 'Sentinels that name the Redis; the host of REDIS_URL does not count then.',
      noEffect: [{ without: 'REDIS_URL' }],
    },
    REDIS_MASTER: {
      schema: word.default('mymaster'),
      text: 'The name that the Sentinels know the Redis by.',
      noEffect: [{ without: 'REDIS_SENTINELS' }],
    },
    REDIS_SENTINEL_PASSWORD: {
      schema: z.string().optional(),
      text: 'The password of all Sentinels.',
      secret: true,
      noEffect: [{ without: ['REDIS_SENTINELS', 'FLEXISIP_REDIS_SENTINELS'] }],
    },
    REDIS_TLS_CA: {
      schema: certificates.optional(),
      text: 'Authorities to trust for rediss://.',
      otherwise: 'those of the system',
      file: '/etc/ssl/certs/redis-ca.pem',
      severalLines: true,
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof redis.settings & typeof outbound.settings>;

const URLS = ['REDIS_URL', 'FLEXISIP_REDIS_URL'] as const;

export function redisMistakes(
  values: Partial<Record<'REDIS_TLS_CA' | (typeof URLS)[number], string>>,
  isGiven: IsGiven,
): string[] {
  const isIdle = URLS.every((name) => !isGiven(name) || values[name]?.startsWith('redis:'));
  const isUsable = isGiven('REDIS_TLS_CA') && values.REDIS_TLS_CA !== undefined;
  return isIdle && isUsable ? ['REDIS_TLS_CA: has no effect without rediss:// in REDIS_URL or FLEXISIP_REDIS_URL'] : [];
}

export function sharedRedis(values: Values): RedisSettings | null {
  const { REDIS_URL: url, REDIS_SENTINELS: sentinels, REDIS_MASTER: master } = values;
  return url === undefined
    ? null
    : { variable: 'REDIS_URL', url, sentinels, master, ...redisAccess(values, sentinels) };
}

export function redisAccess(
  { REDIS_TLS_CA, REDIS_SENTINEL_PASSWORD, NEIGHBOUR_TIMEOUT }: Values,
  { length }: RedisSettings['sentinels'],
) {
  // Longer than the third that each address of a host has (`attemptTimeout`), so that the next address is tried. Two
  // Sentinels that do not answer leave time for a third one and for the Redis that it names.
  const connectTimeout = NEIGHBOUR_TIMEOUT * (length === 0 ? 1000 : 400);
  return { ca: REDIS_TLS_CA ?? null, sentinelPassword: REDIS_SENTINEL_PASSWORD ?? null, connectTimeout };
}
