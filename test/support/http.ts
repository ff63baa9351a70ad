import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';

/** A request as it goes over the wire: nothing is normalized or added but what HTTP itself needs. */
export interface RawRequest {
  method?: string;
  /** The request target. */
  path: string;
  /** A list sends the header once for each value. */
  headers?: Record<string, string | string[]>;
  /** Sent as it is; without a content type unless `headers` has one. */
  body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Every `WWW-Authenticate` field by itself. */
  readonly challenges: string[];
  readonly text: string;
  /** The parsed body; throws where it is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came back
  readonly json: any;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Sends one request and reads the whole answer. */
export function sendRequest(origin: string, { method = 'GET', path, headers = {}, body }: RawRequest): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    // Node says how long a body is only where the method is known for one; without it the next request would begin there.
    const length = body === undefined || hasLength(headers) ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest({ agent, hostname, port, method, path, headers: { ...headers, ...length } }, (response) => {
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
    });
    request.on('error', reject);
    // As bytes: Node would send the headers in the encoding of a text, and each character of theirs is to be one byte.
    request.end(body === undefined ? undefined : Buffer.from(body));
  });
}

function hasLength(headers: object): boolean {
  return Object.keys(headers).some((name) => /^(content-length|transfer-encoding)$/i.test(name));
}

/** Lets go of the connections kept for further requests. */
export function closeConnections(): void {
  agent.destroy();
}
