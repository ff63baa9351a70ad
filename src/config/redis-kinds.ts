import { z } from 'zod';
import { isHost, list } from './variable-kinds.js';

const EXAMPLE = 'a URL like redis://user:password@host:6379/0';

/**
 * The URL of a Redis. Only a database number may follow the host. A password with a `/`, `?` or `#` that is not
 * percent-encoded leads to another host: the URL standard ends the host there.
 */
export const redisUrl = z
  .string()
  .superRefine((text, context) => {
    const mistake = mistakeInRedisUrl(text);
    if (mistake !== null) context.addIssue(mistake);
  })
  .describe(EXAMPLE);

const ENCODED =
  'in user and password, special characters must be percent-encoded: / as %2F, ? as %3F, # as %23, @ as %40, % as %25';

function mistakeInRedisUrl(text: string): string | null {
  const form = `must be ${EXAMPLE}`;
  if (!/^rediss?:\/\/./.test(text)) return form;
  if (/[\s\\]/.test(text)) return `${form}; ${ENCODED}, a blank as %20`;
  if (!URL.canParse(text)) return text.includes('@') ? `${form}; ${ENCODED}` : form;
  const { hostname, pathname, search, hash, username, password } = new URL(text);
  if (`${pathname}${search}${hash}`.includes('@')) return `${form}; ${ENCODED}`;
  if (!/^\/?\d*$/.test(pathname) || search !== '' || hash !== '')
    return `${form}, with nothing behind the number of the database`;
  if (!isHost(hostname.replace(/^\[(.*)\]$/, '$1'))) return form;
  if (username !== '' && password === '')
    return `${form}: a password without a user has a colon in front, redis://:password@host`;
  return isPercentEncoded(`${username}:${password}`) ? null : `${form}; ${ENCODED}`;
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function isHostWithPort(text: string): boolean {
  const [name = '', port = '26379', ...rest] = text.split(':');
  return rest.length === 0 && isHost(name) && /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
}

/** Sentinels with their ports; the default port is 26379. */
export const sentinelList = list(isHostWithPort, 'must be hosts with ports, like sentinel-1:26379, by commas')
  .default([])
  .transform((items) =>
    items.map((item) => {
      const [name = '', port = '26379'] = item.split(':');
      return { host: name, port: Number(port) };
    }),
  );
