import type { Random } from '../random.js';
import { anyText } from './values.js';

type Trick = (path: string, random: Random) => string;

/** Inserts a text in place of one of the slashes after the first. */
const atSlash = (path: string, random: Random, put: string): string => {
  const slashes = [...path.matchAll(/\//g)].map(({ index }) => index).slice(1);
  if (slashes.length === 0) return `${path}${put}`;
  const at = random.pick(slashes);
  return `${path.slice(0, at)}${put}${path.slice(at + 1)}`;
};

/** Changes one character of the path. */
const atCharacter = (path: string, random: Random, change: (character: string) => string): string => {
  const at = 1 + random.below(Math.max(1, path.length - 1));
  return `${path.slice(0, at)}${change(path[at] ?? '')}${path.slice(at + 1)}`;
};

const escaped = (character: string) =>
  character === '' ? '' : `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

const ESCAPES = [
  '%00',
  '%0d%0aX-Injected:%20yes',
  '%zz',
  '%',
  '%2',
  '%c0%af',
  '%c0%80',
  '%ff',
  '%ed%a0%80',
  '%u0041',
  '%e2%80%ae',
  '%09',
];

const QUERIES = [
  '?',
  '??',
  '?_method=DELETE',
  '?_method=POST&code=1234',
  '?page=0&per_page=101',
  '?page=1&page=2',
  '?page[]=1',
  '?page=99999999999999999999',
  '?page=%00',
  '?admin=1&activated=1',
  '?__proto__[admin]=1',
  '?x-api-key=x&from=sip:a@b',
  `?${'a=b&'.repeat(200)}`,
  '?%zz',
  '?email=a@example.org&password=secret%20words',
];

/** Changes to a path that two parts of a service may interpret differently. */
export const TRICKS: readonly Trick[] = [
  (path, random) => atSlash(path, random, '//'),
  (path, random) => atSlash(path, random, '/./'),
  (path, random) => atSlash(path, random, '/x/../'),
  (path, random) => atSlash(path, random, '/%2e%2e/'),
  (path, random) => atSlash(path, random, '/%2e/'),
  (path, random) => atSlash(path, random, random.pick(['%2f', '%2F', '%252f', '%5c', '\\', ';/', '/;x=y/', '/%20/'])),
  (path, random) => atSlash(path, random, random.pick([';x=y/', '%00/', '%20/', './', '/../'])),
  (path) => `/${path}`,
  (path, random) =>
    `${path}${random.pick(['/', '//', '/.', '/..', '/../..', '%2f', ';x=y', ';', '.', '.json', '%20', '%00', '%23', '#x'])}`,
  (path, random) => `${path}/../../${random.pick(['accounts', 'accounts/me', 'ping', 'tokens'])}`,
  (path, random) => `/api/ping/../${path.replace(/^\/api\//, '')}${random.chance(0.3) ? '/' : ''}`,
  (path) => `/api/ping/..%2f${path.replace(/^\/api\//, '')}`,
  (path, random) => atCharacter(path, random, (character) => character.toUpperCase()),
  (path) => path.toUpperCase(),
  (path, random) => atCharacter(path, random, escaped),
  (path, random) => atCharacter(path, random, (character) => escaped(character).replace('%', '%25')),
  (path, random) => atCharacter(path, random, (character) => `${character}${random.pick(ESCAPES)}`),
  (path, random) =>
    `${path}${random.pick(['a'.repeat(2_000), '/a'.repeat(500), '%41'.repeat(400), '/..'.repeat(200)])}`,
  (path, random) => `${path}${random.pick(QUERIES)}`,
  (path, random) =>
    `${random.pick(['http://evil.example', 'https://127.0.0.1', 'http://a@b', 'http:', '//evil.example'])}${path}`,
  (path, random) =>
    `${random.pick(['/flexiapi', '/flexiapi/flexiapi', '/FLEXIAPI', '/flexiapi/', '/api', '/api/..', '/account/..'])}${path}`,
  (path, random) => random.mutate(path, Buffer.from(anyText(random)).toString('latin1')),
  (path, random) => random.pick(['*', '/', '//', '', '/api', '/account', '/api/', 'api/ping', '?', path.slice(1)]),
];

/** The path unchanged, or with one or two of the tricks. */
export function trickTarget(path: string, random: Random): string {
  const once = random.pick(TRICKS)(path, random);
  return random.chance(0.25) ? random.pick(TRICKS)(once, random) : once;
}
