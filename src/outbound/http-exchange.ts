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

/** The most of an answer, in bytes, that is read. */
const MOST_BYTES = 65_536;

/**
 * Makes one HTTP request. Redirects are not followed: what is sent is meant for that address alone.
 *
 * @param service its name in the log. The URL may hold secrets.
 * @throws OutboundCallFailed if there is no whole answer, or one of more than 64 KiB. What its status means is the caller's to decide.
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
    // The error is then the reason of the signal, which knows no names.
    if (signal.aborted) throw new OutboundCallFailed(service, 'did not answer in time');
    throw error instanceof OutboundCallFailed ? error : new OutboundCallFailed(service, reasonOfFetch(error));
  }
}

/** What went wrong on the way has a cause; what `fetch` itself refuses has none, and its message quotes headers and URLs. */
function reasonOfFetch(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause === undefined ? 'not asked, since the request is not valid' : reasonOf(cause);
}

/** A loop that is left early cancels the body, which closes the connection. */
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

/** The answer's JSON, or undefined if it is none. */
export function parseJson({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** `INVALID_SIGNATURE`, `BadDeviceToken`, `invalid_grant`; never of 13 characters, as our tokens and mailed codes are. */
const ERROR_WORD = /^(?!.{13}$)([A-Z][A-Za-z_]{2,63}|[a-z]{1,32}(_[a-z]{1,32})+)$/;

/**
 * A word or a number by which an external service names an error, to be logged; nothing where it is not one, but text that could hold
 * what was sent.
 */
export function errorWord(value: unknown): string {
  // Codes that we send have four digits.
  if (typeof value === 'number') return value > 9_999 ? ` ${value}` : '';
  return typeof value === 'string' && ERROR_WORD.test(value) ? ` ${value}` : '';
}
