import { connect } from 'node:net';
import type { Api } from './api.js';
import type { Answer } from './http.js';

/** Words of databases, libraries, parsers and stack traces that no response may contain. */
const INTERNALS =
  /sql|typeorm|maria|select |insert |constraint failed|fastify|FST_|nest|node_modules|node:|\.[jt]s:\d|\bat \S+ \(|TypeError|SyntaxError|RangeError|Unexpected (token|end)|position \d|prototype|undefined|\[object|URI malformed|zod|validator/i;

export interface RawAnswer {
  status: number;
  headers: Record<string, string[]>;
  text: string;
}

/**
 * Checks the rules of protocol §1 for errors, except for the status.
 *
 * `api.send()` makes the same check; this one is for raw sockets, and for responses that the document does not
 * describe.
 *
 * @returns the violations, or an empty list.
 */
export function flawsOf(answer: RawAnswer | Answer, statuses: readonly number[]): string[] {
  const header = (name: string) => [answer.headers[name] ?? []].flat().join(' | ');
  const flaws: string[] = [];
  if (!statuses.includes(answer.status)) flaws.push(`status ${answer.status}, not ${statuses.join(' or ')}`);
  if (header('content-type') !== 'application/json') flaws.push(`content type "${header('content-type')}"`);
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(header('x-request-id'))) flaws.push(`request id "${header('x-request-id')}"`);
  if (header('cache-control') !== 'no-store') flaws.push(`cache control "${header('cache-control')}"`);
  return [...flaws, ...flawsOfBody(answer.status, answer.text)];
}

function flawsOfBody(status: number, text: string): string[] {
  if (INTERNALS.test(text)) return [`shows internals: ${text}`];
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return [`body is no JSON: "${text}"`];
  }
  const flaws: string[] = [];
  if (typeof body.message !== 'string' || body.message === '') flaws.push(`message ${text}`);
  if (typeof body.code !== 'string' || !/^[a-z]+(_[a-z]+)*$/.test(body.code)) flaws.push(`code ${text}`);
  if (status !== 422 && 'errors' in body) flaws.push(`errors with ${status}: ${text}`);
  if (status === 422 && Object.keys((body.errors as object | undefined) ?? {}).length === 0)
    flaws.push(`no errors with 422: ${text}`);
  return flaws;
}

/** Sends bytes over a new connection and reads the response. It adds nothing of HTTP. */
export function sendBytes(api: Api, ...pieces: (string | Buffer)[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(api.origin);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    const finish = () => {
      socket.destroy();
      const answer = parseAnswer(Buffer.concat(chunks));
      if (answer) resolve(answer);
      else reject(new Error(`no whole answer, only "${Buffer.concat(chunks).toString('latin1').slice(0, 300)}"`));
    };
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (parseAnswer(Buffer.concat(chunks))) finish();
    });
    // The server may close the connection before it has read everything. The part of the response that arrived counts.
    socket.on('error', finish);
    socket.on('close', finish);
    socket.on('connect', () => void writeAll(socket, pieces, chunks));
  });
}

/** Writes piece by piece, no faster than the server reads, until all is sent or a response arrives. */
async function writeAll(
  socket: ReturnType<typeof connect>,
  pieces: readonly (string | Buffer)[],
  received: readonly Buffer[],
): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed || parseAnswer(Buffer.concat(received))) return;
    await new Promise((resolve) => socket.write(piece, resolve));
  }
}

/** The first final response in these bytes; null if it is not complete yet. */
function parseAnswer(bytes: Buffer): RawAnswer | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  const rest = bytes.subarray(end + 4);
  if (status < 200) return parseAnswer(rest);
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    headers[name] = [...(headers[name] ?? []), line.slice(colon + 1).trim()];
  }
  const length = Number(headers['content-length']?.[0] ?? 0);
  return rest.length < length ? null : { status, headers, text: rest.subarray(0, length).toString('utf8') };
}
