import type { DevicesSettings, RedisSettings } from '../outbound-settings.js';
import { redisUrl, sentinelList } from '../redis-kinds.js';
import { chosenWithMysql, type IsGiven, required, type SettingGroup, type ValuesOf } from '../setting.js';
import { oneOf, path, word } from '../variable-kinds.js';
import type { outbound } from './outbound.js';
import { redisAccess, type redis, sharedRedis } from './redis.js';

const FLEXISIP = 'DEVICES_DRIVER=flexisip';
const REDIS = 'DEVICES_DRIVER=redis';

export const devices = {
  title: 'Devices',
  settings: {
    DEVICES_DRIVER: {
      schema: oneOf(['none', 'flexisip', 'redis']).default('none'),
      text:
        'Where devices are looked up: `none` shows none, `flexisip` asks the proxy of this machine, `redis` looks ' +
        'into the Redis that several proxies share.',
      required: chosenWithMysql('"none" shows no devices'),
    },
    APP_FLEXISIP_PROXY_PID: {
      schema: path.default('/var/run/flexisip-proxy.pid'),
      text: 'The pid file of the proxy.',
      with: FLEXISIP,
      demandsChoice: true,
    },
    APP_FLEXISIP_SOCKET_DIR: {
      schema: path.default('/tmp'),
      text: 'The folder of the command socket of the proxy.',
      with: FLEXISIP,
      demandsChoice: true,
    },
    FLEXISIP_REDIS_URL: {
      schema: redisUrl.optional(),
      text: 'The Redis of the proxies.',
      otherwise: 'REDIS_URL',
      secret: true,
      with: REDIS,
      demandsChoice: true,
    },
    FLEXISIP_REDIS_SENTINELS: {
      schema: sentinelList,
      text: 'Sentinels that name the Redis; the host of FLEXISIP_REDIS_URL does not count then.',
      with: REDIS,
      noEffect: [{ without: 'FLEXISIP_REDIS_URL' }],
    },
    FLEXISIP_REDIS_MASTER: {
      schema: word.default('mymaster'),
      text: 'The name that the Sentinels know the Redis by.',
      with: REDIS,
      noEffect: [{ without: 'FLEXISIP_REDIS_SENTINELS' }],
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof devices.settings & typeof redis.settings & typeof outbound.settings>;

export function registrarMistakes(values: Partial<Values>, isGiven: IsGiven): string[] {
  if (values.DEVICES_DRIVER !== 'redis' || isGiven('REDIS_URL') || isGiven('FLEXISIP_REDIS_URL')) return [];
  return ['REDIS_URL: is required with DEVICES_DRIVER=redis, or FLEXISIP_REDIS_URL'];
}

export function devicesSettings(values: Values): DevicesSettings {
  switch (values.DEVICES_DRIVER) {
    case 'flexisip':
      return {
        driver: 'flexisip',
        pidFile: values.APP_FLEXISIP_PROXY_PID,
        socketDirectory: values.APP_FLEXISIP_SOCKET_DIR,
      };
    case 'redis':
      return { driver: 'redis', redis: registrarRedis(values) };
    default:
      return { driver: 'none' };
  }
}

/** The registrar's Redis, if it is not the Redis of the shared counters. */
function registrarRedis(values: Values): RedisSettings {
  if (values.FLEXISIP_REDIS_URL === undefined) return required(sharedRedis(values) ?? undefined);
  const { FLEXISIP_REDIS_URL: url, FLEXISIP_REDIS_SENTINELS: sentinels, FLEXISIP_REDIS_MASTER: master } = values;
  return { variable: 'FLEXISIP_REDIS_URL', url, sentinels, master, ...redisAccess(values, sentinels) };
}
