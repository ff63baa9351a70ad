import { ACCESS, PAGES } from '../../support/access.js';
import type { DigestClient } from '../../support/digest-client.js';
import { forgeAnswer, type ForgedParts } from '../../support/digest-forger.js';
import { ACTORS, type Actor, type ActorName, type Actors, type Victims } from '../actors.js';
import type { Random } from '../random.js';
import { METHODS, OTHER_METHODS } from '../../support/methods.js';
import { anyBody } from './bodies.js';
import { anyHeaders, type Headers, mutatedCredentials } from './headers.js';
import { trickTarget } from './targets.js';
import { anyHeaderText, anyText } from './values.js';

/** The sender of a request: a caller without an account, one that claims to be a victim, or one with an account. */
export type Caller = 'stranger' | 'claimant' | ActorName;

/** A complete request. */
export interface Input {
  readonly caller: Caller;
  /** The route that the request is meant for, whatever was done to its target. */
  readonly route: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: Buffer;
  /** Whether the end of this request cannot be determined, so that nothing may follow on the connection. */
  readonly endsConnection: boolean;
}

const ROUTES = [...Object.keys(ACCESS), ...Object.keys(PAGES)];
const NO_METHODS = ['BREW', 'get', 'GETX', 'GET\0', '', 'P OST', 'PRI'];

const POWERLESS = ['stranger', 'claimant', 'claimant', 'inactive', 'deactivated admin'] as const;

export interface Cast {
  readonly actors: Actors;
  readonly victims: Victims;
  /** Account creation tokens that can be redeemed. */
  readonly tokens: readonly string[];
}

/** Generates one request. */
export function makeInput(random: Random, cast: Cast): Input {
  const chosen = random.pick(ROUTES);
  // An account that deletes itself can attempt nothing more, so this is rare.
  const route = chosen === 'DELETE /api/accounts/me' && random.chance(0.9) ? random.pick(ROUTES) : chosen;
  const [routeMethod = '', pattern = ''] = route.split(' ');
  const method = anyMethod(routeMethod, random);
  const body = method === 'POST' || random.chance(0.15) ? anyBody(route, cast.tokens, random) : Buffer.alloc(0);
  const { headers, endsConnection } = anyHeaders(body, method === 'POST', random);
  // It is unknown whether the service executes such a request, so only callers without rights send it.
  const caller = random.pick<Caller>(
    endsConnection ? POWERLESS : [...POWERLESS, 'user', 'user', 'another', 'admin', 'admin'],
  );
  const path = pattern.replace(/:(\w+)/g, (_, name: string) => parameter(name, caller, random, cast));
  const isVictimsId = caller === 'admin' && /7000000/.test(path);
  const target = isVictimsId || random.chance(0.65) ? path : trickTarget(path, random);
  const credentials = credentialsOf(caller, method, target, random, cast);
  const changed = random.chance(0.3) ? mutatedCredentials(credentials, random) : credentials;
  return {
    caller,
    route,
    method,
    target,
    headers: random.shuffle([...changed, ...headers]),
    body,
    endsConnection: endsConnection || /\s/.test(target),
  };
}

function anyMethod(right: string, random: Random): string {
  const kind = random.below(40);
  if (kind < 32) return right;
  return kind < 39 ? random.pick([...METHODS, ...OTHER_METHODS]) : random.pick(NO_METHODS);
}

/**
 * A value for a path parameter. For an administrator it is never a victim, which an administrator may rightly change.
 */
function parameter(name: string, caller: Caller, random: Random, { actors, victims }: Cast): string {
  const victim = random.pick(victims.accounts);
  const odd = () =>
    random.chance(0.5) ? encodeURIComponent(anyText(random).toWellFormed()) : anyHeaderText(random).slice(0, 300);
  if (random.chance(0.2)) return odd();
  if (name === 'sip')
    return random.pick([victim.sip, victim.sip, actors.user.account.sip, 'nobody@sip.example.org', `${victim.sip}%20`]);
  if (name === 'uuid') return `urn:uuid:victim-${random.below(5)}`;
  if (name === 'secret') return random.pick(['secret', 'a'.repeat(32), '0123456789abcdef'.repeat(4)]);
  if (caller !== 'admin') return String(victim.id);
  const near = [
    `${victim.id}x`,
    `0${victim.id}`,
    `${victim.id}.0`,
    `%20${victim.id}`,
    `${victim.id}%00`,
    `-${victim.id}`,
    `${victim.id}e0`,
  ];
  return random.chance(0.5) ? random.pick(near) : String(actors.pawn.id);
}

function credentialsOf(
  caller: Caller,
  method: string,
  target: string,
  random: Random,
  { actors, victims }: Cast,
): Headers {
  if (caller === 'stranger') return random.chance(0.8) ? [] : [['From', `sip:${anyHeaderText(random)}`]];
  if (caller === 'claimant') return falseCredentials(random.pick(victims.actors), method, target, random, actors);
  const { account, digest } = actors[caller];
  const proof = random.chance(0.5)
    ? ['x-api-key', account.apiKey ?? '']
    : ['Authorization', digest.authorize(method, target)];
  return [['From', account.from], proof as [string, string]];
}

/** Credentials of a caller that tries to pass as the victim. */
function falseCredentials(
  { account, digest }: Actor,
  method: string,
  target: string,
  random: Random,
  actors: Actors,
): Headers {
  const other = actors[random.pick(ACTORS)];
  const key = account.apiKey ?? '';
  const forged = (client: DigestClient, parts: Partial<ForgedParts>) =>
    forgeAnswer(client.challenge, { ...client.nextParts(method, target), ...parts });
  const proofs: Headers[] = [
    [],
    [['x-api-key', '']],
    [['x-api-key', other.account.apiKey ?? '']],
    [
      [
        'x-api-key',
        random.pick([
          key.slice(0, -1),
          `${key}xxx`,
          key.toUpperCase(),
          `${key}%20`,
          '%',
          '*',
          `${key.slice(0, 8)}%`,
          "' OR '1'='1",
        ]),
      ],
    ],
    [['x-api-key', anyHeaderText(random)]],
    [
      [
        'Authorization',
        forged(digest, { password: random.pick(['', 'secret', account.username, 'a wrong password']) }),
      ],
    ],
    [['Authorization', other.digest.authorize(method, target)]],
    [['Authorization', forged(other.digest, { username: account.username })]],
    [['Authorization', `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`]],
    [['Authorization', `Bearer ${key}`]],
    [['Authorization', `Digest ${anyHeaderText(random)}`]],
    [
      ['x-api-key', other.account.apiKey ?? ''],
      ['Authorization', other.digest.authorize(method, target)],
    ],
  ];
  return [['From', account.from], ...random.pick(proofs)];
}

/** The bytes of the request on the wire. */
export function bytesOf({ method, target, headers, body }: Input, id: string): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (!headers.some(([name]) => name === 'X-Request-Id')) lines.push(`X-Request-Id: ${id}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}
