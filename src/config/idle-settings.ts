import type { Values, VariableName } from './variables.js';

/** Settings that have no effect beside others, and why. */
interface Idle {
  readonly names: readonly VariableName[];
  /** Ends the sentence that begins with "has no effect". */
  readonly reason: string;
  readonly isIdle: (values: Partial<Values>, isGiven: (name: string) => boolean) => boolean;
}

const REDIS_URLS = ['REDIS_URL', 'FLEXISIP_REDIS_URL'] as const;

const IDLE: readonly Idle[] = [
  {
    names: ['DB_TLS_CA', 'DB_TLS_CERT', 'DB_TLS_KEY', 'DB_TLS_VERIFY'],
    reason: 'without DB_TLS=true',
    isIdle: ({ DB_DRIVER, DB_TLS }) => DB_DRIVER === 'mysql' && DB_TLS === 'false',
  },
  {
    names: ['DB_TLS_CA'],
    reason: 'with DB_TLS_VERIFY=false',
    isIdle: ({ DB_DRIVER, DB_TLS, DB_TLS_VERIFY }) => DB_DRIVER === 'mysql' && DB_TLS === 'true' && DB_TLS_VERIFY === 'false',
  },
  {
    names: ['MAIL_TLS_CA', 'MAIL_TLS_VERIFY'],
    reason: 'with MAIL_ENCRYPTION=none',
    isIdle: ({ MAIL_ENCRYPTION }) => MAIL_ENCRYPTION === 'none',
  },
  {
    names: ['MAIL_TLS_CA'],
    reason: 'with MAIL_TLS_VERIFY=false',
    isIdle: ({ MAIL_ENCRYPTION, MAIL_TLS_VERIFY }) => MAIL_ENCRYPTION !== 'none' && MAIL_TLS_VERIFY === 'false',
  },
  without('REDIS_URL', 'REDIS_SENTINELS'),
  without('REDIS_SENTINELS', 'REDIS_MASTER'),
  without('FLEXISIP_REDIS_URL', 'FLEXISIP_REDIS_SENTINELS'),
  without('FLEXISIP_REDIS_SENTINELS', 'FLEXISIP_REDIS_MASTER'),
  {
    names: ['REDIS_SENTINEL_PASSWORD'],
    reason: 'without REDIS_SENTINELS or FLEXISIP_REDIS_SENTINELS',
    isIdle: (_values, isGiven) => !isGiven('REDIS_SENTINELS') && !isGiven('FLEXISIP_REDIS_SENTINELS'),
  },
  {
    names: ['REDIS_TLS_CA'],
    reason: 'without rediss:// in REDIS_URL or FLEXISIP_REDIS_URL',
    isIdle: (values, isGiven) => REDIS_URLS.every((name) => !isGiven(name) || values[name]?.startsWith('redis:')),
  },
  without('METRICS_PORT', 'METRICS_HOST'),
  ofDirectPushes('APNS_KEY', 'APNS_URL', 'APNS_DEV_URL'),
  ofDirectPushes('FCM_SERVICE_ACCOUNT', 'FCM_URL'),
];

function without(needed: VariableName, ...names: VariableName[]): Idle {
  return { names, reason: `without ${needed}`, isIdle: (_values, isGiven) => !isGiven(needed) };
}

function ofDirectPushes(needed: VariableName, ...names: VariableName[]): Idle {
  const isIdle: Idle['isIdle'] = ({ PUSH_DRIVER }, isGiven) => PUSH_DRIVER === 'direct' && !isGiven(needed);
  return { names, reason: `without ${needed}`, isIdle };
}

/**
 * Settings without effect, a line each. The operator expects an effect, such as a checked certificate. Settings of a driver that is not
 * chosen are accepted.
 *
 * @param isGiven whether a variable was set at all; one that is set and wrong has been reported already.
 */
export function idleMistakes(values: Partial<Values>, isGiven: (name: string) => boolean): string[] {
  return IDLE.filter(({ isIdle }) => isIdle(values, isGiven)).flatMap(({ names, reason }) =>
    names.filter((name) => isGiven(name) && values[name] !== undefined).map((name) => `${name}: has no effect ${reason}`),
  );
}
