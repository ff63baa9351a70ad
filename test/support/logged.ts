import type { Api } from './api.js';

/** The log without times, ids and ports: these are arbitrary and may by chance contain the four digits of a code. */
export function logged(api: Pick<Api, 'log'>): string {
  return api.log
    .map((line) => {
      const { time: _time, ms: _ms, requestId: _requestId, ...rest } = JSON.parse(line) as Record<string, unknown>;
      return JSON.stringify(rest).replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT');
    })
    .join('\n');
}

/**
 * The given secrets that occur in the log, unchanged or in another encoding. A code of four digits counts only if no
 * further digit or letter is next to it: `account0003` is a name.
 */
export function leaked(api: Pick<Api, 'log'>, ...secrets: string[]): string[] {
  const log = logged(api);
  const holds = (text: string) =>
    /^\d{4}$/.test(text) ? new RegExp(`(?<![0-9A-Za-z])${text}(?![0-9A-Za-z])`).test(log) : log.includes(text);
  return secrets.filter((secret) =>
    [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      JSON.stringify(secret).slice(1, -1),
    ].some(holds),
  );
}
