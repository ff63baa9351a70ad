import { BODY_LIMIT } from '../../../src/http/http.errors.js';
import type { Random } from '../random.js';
import { anyText, anyValue } from './values.js';

type Members = Record<string, unknown>;

/** Members that each route with a body accepts, or rejects only for their meaning. */
function rightMembers(route: string, random: Random, tokens: readonly string[]): Members {
  const serial = `fuzz${random.below(1e9)}`;
  const members: Record<string, Members> = {
    'POST /api/tokens': { pn_provider: 'fcm', pn_param: 'project', pn_prid: serial },
    'POST /api/accounts/with-token': {
      username: serial,
      password: 'secret words',
      algorithm: 'SHA-256',
      token: random.pick(tokens),
      email: 'a@example.org',
    },
    'POST /api/accounts/:sip/activate/email': { code: 'aZ3kP9sQ1xW7c' },
    'POST /api/accounts/:sip/activate/phone': { code: '1234' },
    'POST /api/accounts/me/email/request': { email: `${serial}@example.org` },
    'POST /api/accounts/me/password': { algorithm: 'SHA-256', password: 'secret words', old_password: 'secret words' },
    'POST /api/accounts/me/phone/request': { phone: `+336${String(random.below(1e8)).padStart(8, '0')}` },
    'POST /api/accounts/me/phone': { code: '1234' },
    'POST /api/accounts': {
      username: serial,
      password: 'secret words',
      algorithm: 'MD5',
      domain: 'sip.example.org',
      email: 'a@example.org',
      activated: true,
      admin: '0',
      confirmation_key_expires: '2030-01-01 00:00:00',
    },
  };
  return members[route] ?? { id: 1, admin: true, activated: true };
}

const FURTHER = [
  '__proto__',
  'constructor',
  'prototype',
  'domain',
  'phone',
  'admin',
  'activated',
  'id',
  '_method',
  'confirmation_key',
  '',
];

/** A JSON object whose members are wrong, duplicate, missing or strange. */
function mutatedObject(right: Members, random: Random): string {
  let members = Object.entries(right).map(([name, value]) => [JSON.stringify(name), JSON.stringify(value)]);
  for (let change = random.below(4); change >= 0; change -= 1) {
    const at = random.below(members.length);
    const name = random.chance(0.5)
      ? members[at]?.[0]
      : JSON.stringify(random.chance(0.6) ? random.pick(FURTHER) : anyText(random));
    const member = [name ?? '""', anyValue(random)];
    const kind = random.below(4);
    if (kind === 0) members = members.filter((_, index) => index !== at);
    else if (kind === 1) members.splice(at, 0, member);
    else if (kind === 2) members.push(member);
    else members[at] = member;
  }
  return `{${members.map((pair) => pair.join(':')).join(',')}}`;
}

/** The object, padded to exactly this many bytes. */
function padded(object: string, length: number): string {
  const [head, tail] = ['{"padding":"', `",${object.slice(1)}`];
  return `${head}${'x'.repeat(Math.max(0, length - head.length - Buffer.byteLength(tail)))}${tail}`;
}

/** A body for a route: valid, or wrong in its members, its syntax, its bytes or its size. */
export function anyBody(route: string, tokens: readonly string[], random: Random): Buffer {
  const members = rightMembers(route, random, tokens);
  const right = JSON.stringify(members);
  const kind = random.below(20);
  if (kind < 3) return Buffer.from(right);
  if (kind < 12) return Buffer.from(mutatedObject(members, random));
  if (kind === 12) return Buffer.from(anyValue(random));
  if (kind === 13) return Buffer.from(random.mutate(right, anyText(random)));
  if (kind === 14) return Buffer.from(right.slice(0, random.below(right.length)));
  if (kind === 15) return Buffer.from(padded(right, BODY_LIMIT + random.pick([-1, 0, 1])));
  if (kind === 16) return random.bytes(1 + random.below(200));
  if (kind === 17) return Buffer.concat([Buffer.from('{"code":"'), random.bytes(4), Buffer.from('"}')]);
  if (kind === 18) return Buffer.from(`\ufeff${right}`);
  return Buffer.from(`code=1234&email=a%40example.org&_method=DELETE`);
}
