import type { Random } from '../random.js';
import { anyHeaderText, CONTROLS } from './values.js';

export type Headers = readonly (readonly [name: string, value: string])[];

/** Headers that have made some services use another method, path, host, address or user. */
const PERSUASIONS: Headers = [
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-HTTP-Method', 'DELETE'],
  ['X-Method-Override', 'POST'],
  ['X-Original-URL', '/api/accounts/me'],
  ['X-Rewrite-URL', '/api/ping'],
  ['X-Original-Method', 'GET'],
  ['X-Forwarded-For', '127.0.0.1'],
  ['X-Forwarded-Host', 'evil.example'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Prefix', '/evil'],
  ['Forwarded', 'for=127.0.0.1;host=evil.example'],
  ['X-Real-IP', '127.0.0.1'],
  ['X-Custom-IP-Authorization', '127.0.0.1'],
  ['X-Forwarded-User', 'administrator'],
  ['X-Remote-User', 'administrator'],
  ['Cookie', 'session=administrator; admin=1'],
  ['Origin', 'https://evil.example'],
  ['Access-Control-Request-Method', 'DELETE'],
  ['Proxy-Authorization', 'Basic YTpi'],
  ['Expect', '100-continue'],
  ['Expect', 'the unexpected'],
  ['Connection', 'close'],
  ['Connection', 'keep-alive, x-api-key, from'],
  ['Upgrade', 'websocket'],
  ['TE', 'trailers'],
  ['Content-Encoding', 'gzip'],
  ['Accept', 'text/html'],
  ['Accept-Encoding', 'gzip, br'],
  ['If-None-Match', '*'],
  ['If-Modified-Since', 'Wed, 21 Oct 2099 07:28:00 GMT'],
  ['x-api-key', ''],
];

const FREE = [
  'User-Agent',
  'Accept',
  'Accept-Language',
  'Referer',
  'X-Request-Id',
  'Cookie',
  'Content-Language',
  'X-Whatever',
];

const HOSTS = ['api.example.org', 'evil.example', '', '127.0.0.1:99999', 'a b', '[::1', 'x'.repeat(300), '<script>'];

const TYPES = [
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'application/json+x',
  'application/xml',
  '/',
  'application/json; charset=utf-16',
  'application/json;',
  'APPLICATION/JSON',
  '*/*',
];

/** Values of Content-Length that are invalid, or not the length of the body. The bytes that follow cannot be framed. */
const LENGTHS = ['-1', '+0', '0x10', '1e1', 'abc', '1, 2', '99999999999999999999', ' ', '0', '1'];

interface Framed {
  readonly headers: Headers;
  readonly endsConnection: boolean;
}

/** All headers but the credentials. */
export function anyHeaders(body: Buffer, hasBody: boolean, random: Random): Framed {
  const headers: [string, string][] = [];
  const add = (name: string, value: string) => void headers.push([name, value]);
  if (random.chance(0.97)) add('Host', random.chance(0.9) ? 'api.example.org' : random.pick(HOSTS));
  if (random.chance(0.02)) add('Host', random.pick(HOSTS));
  for (let further = random.below(3); further > 0; further -= 1) {
    const [name, value] = random.chance(0.6) ? random.pick(PERSUASIONS) : [random.pick(FREE), anyHeaderText(random)];
    add(name, value);
  }
  if (hasBody && random.chance(0.95))
    add('Content-Type', random.chance(0.85) ? 'application/json' : random.pick(TYPES));
  const framing = lengthHeaders(body, random);
  // A control character may end the header section early. The rest is then another request, or an invalid one.
  const isTorn = headers.some(([, value]) => value.search(CONTROLS) >= 0);
  return { headers: [...headers, ...framing.headers], endsConnection: framing.endsConnection || isTorn };
}

function lengthHeaders({ length }: Buffer, random: Random): Framed {
  const right = ['Content-Length', String(length)] as const;
  const kind = random.below(80);
  if (kind > 4) return { headers: length === 0 && random.chance(0.8) ? [] : [right], endsConnection: false };
  const wrong: Headers[] = [
    [['Content-Length', random.pick(LENGTHS.filter((text) => !(Number(text) > length)))]],
    [right, ['Content-Length', String(length + 1)]],
    [right, ['Transfer-Encoding', 'chunked']],
    [['Transfer-Encoding', random.pick(['gzip', 'chunked, gzip', 'xchunked', ' chunked,', 'identity'])]],
    [],
  ];
  return { headers: wrong[kind] ?? [], endsConnection: true };
}

/** The same credentials with a part that is missing, duplicate or changed. */
export function mutatedCredentials(credentials: Headers, random: Random): Headers {
  if (credentials.length === 0) return credentials;
  const at = random.below(credentials.length);
  const [name = '', value = ''] = credentials[at] ?? [];
  const kind = random.below(5);
  // Without From, the key of somebody else is right: it names its owner.
  if (kind === 0) return credentials.filter(([other], index) => index !== at && !(at === 0 && other === 'x-api-key'));
  if (kind === 1) return [...credentials, [name, random.chance(0.5) ? value : anyHeaderText(random)]];
  const changed =
    name === 'Authorization' ? mutatedParameters(value, random) : random.mutate(value, random.pick(MARKS));
  return credentials.map((pair, index) => (index === at ? [name, changed] : pair));
}

const MARKS = ['', ' ', '%00', '%0d%0a', '%', '"', ',', ';', 'x', '\u00e9', '\t', '@', '%40', 'A'];

/** A Digest answer with mutated parameters. */
function mutatedParameters(value: string, random: Random): string {
  const parameters = value.replace(/^Digest /, '').split(', ');
  const at = random.below(parameters.length);
  const parameter = parameters[at] ?? '';
  const [name = ''] = parameter.split('=', 1);
  const kind = random.below(7);
  if (kind === 0) parameters.splice(at, 1);
  else if (kind === 1) parameters.push(parameter);
  else if (kind === 2) parameters[at] = `${name}="${anyHeaderText(random)}"`;
  else if (kind === 3) parameters[at] = `${name}=${anyHeaderText(random)}`;
  else if (kind === 4) parameters[at] = random.mutate(parameter, random.pick(MARKS));
  else if (kind === 5)
    parameters.push(
      `${random.pick(['userhash', 'username*', 'auth-param', '__proto__', ''])}=${anyHeaderText(random)}`,
    );
  else return random.mutate(value, random.pick(MARKS));
  return `Digest ${parameters.join(random.pick([', ', ',', ' ,\t', ' ']))}`;
}
