import { OutboundCallFailed, reasonOf } from './outbound-call-failed.js';

/** The answer of an external HTTP service. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

interface HttpRequest {
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** The largest answer that is read, in bytes. */
const MOST_BYTES = 65_536;

/**
 * Makes one HTTP request. Redirects are not followed: the request is meant for that address alone.
 *
 * @param service the name of the service in the log. The URL may hold secrets.
 * @throws OutboundCallFailed if there is no complete answer, or one of more than 64 KiB. The caller judges the status
 * of the answer.
 */
export async function exchange(
  service: string,
  url: string,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, { ...request, redirect: 'manual', signal });
    return { status: response.status, body: await readBody(service, response) };
  } catch (error) {
    // The error is then the reason of the signal, which does not name the service.
    if (signal.aborted) throw new OutboundCallFailed(service, 'did not answer in time');
    throw error instanceof OutboundCallFailed ? error : new OutboundCallFailed(service, reasonOfFetch(error));
  }
}

/**
 * An error on the way has a cause. A request that `fetch` itself rejects has none, and the message of that error quotes
 * headers and URLs.
 */
function reasonOfFetch(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause === undefined ? 'not asked, since the request is not valid' : reasonOf(cause);
}

/** Leaving the loop early cancels the body, which closes the connection. */
async function readBody(service: string, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MOST_BYTES) throw new OutboundCallFailed(service, 'answers more than 64 KiB');
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The JSON of the answer, or undefined if it is not JSON. */
export function parseJson({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * `INVALID_SIGNATURE`, `BadDeviceToken`, `invalid_grant`. Never 13 characters: our tokens and mailed codes have that
 * length.
 */
const ERROR_WORD = /^(?!.{13}$)([A-Z][A-Za-z_]{2,63}|[a-z]{1,32}(_[a-z]{1,32})+)$/;

/**
 * Returns the word or number by which an external service names an error, for the log. Returns an empty string for any
 * other text, which could quote the request.
 */
export function errorWord(value: unknown): string {
  // The codes that we send have four digits.
  if (typeof value === 'number') return value > 9_999 ? ` ${value}` : '';
  return typeof value === 'string' && ERROR_WORD.test(value) ? ` ${value}` : '';
}
