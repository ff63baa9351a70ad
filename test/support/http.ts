import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';

/** The route of the caller's own account, which most tests of authentication call. */
export const ME = '/api/accounts/me';

/** A request in its transmitted form: nothing is normalized, and only what HTTP requires is added. */
export interface RawRequest {
  method?: string;
  /** The request target. */
  path: string;
  /** A list sends the header once per value. */
  headers?: Record<string, string | string[]>;
  /** Sent unchanged; without a content type unless `headers` has one. */
  body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Every `WWW-Authenticate` field separately. */
  readonly challenges: string[];
  readonly text: string;
  /** The parsed body; throws if it is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came back
  readonly json: any;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Sends one request and reads the whole response. */
export function sendRequest(origin: string, { method = 'GET', path, headers = {}, body }: RawRequest): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    // Node adds the length of a body only for methods that usually have one. Without it the server would take the body
    // for the next request.
    const length =
      body === undefined || hasLength(headers) ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest(
      { agent, hostname, port, method, path, headers: { ...headers, ...length } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            challenges: response.headersDistinct['www-authenticate'] ?? [],
            text,
            get json() {
              return JSON.parse(text);
            },
          });
        });
      },
    );
    request.on('error', reject);
    // Sent as bytes: Node would otherwise encode the headers like the text of the body, but each of their characters
    // must be one byte.
    request.end(body === undefined ? undefined : Buffer.from(body));
  });
}

function hasLength(headers: object): boolean {
  return Object.keys(headers).some((name) => /^(content-length|transfer-encoding)$/i.test(name));
}

/** Closes the connections that are kept for further requests. */
export function closeConnections(): void {
  agent.destroy();
}
