import type { Api } from './api.js';

/**
 * What was logged, without the moments, ids and ports in it: those are drawn by the machine, and might by chance hold the
 * four digits of a code.
 */
export function logged(api: Pick<Api, 'log'>): string {
  return api.log
    .map((line) => {
      const { time: _time, ms: _ms, requestId: _requestId, ...rest } = JSON.parse(line) as Record<string, unknown>;
      return JSON.stringify(rest).replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
    })
    .join('\n');
}

/** Those of some secrets that the log holds, as they are or in another spelling of theirs; short ones as a word of their own. */
export function leaked(api: Pick<Api, 'log'>, ...secrets: string[]): string[] {
  const log = logged(api);
  const holds = (text: string) => (/^\d{4}$/.test(text) ? new RegExp(`(?<!\\d)${text}(?!\\d)`).test(log) : log.includes(text));
  return secrets.filter((secret) =>
    [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64'), JSON.stringify(secret).slice(1, -1)].some(holds),
  );
}
