import { ACCESS, BEFORE_ACTIVATION, PAGES, type Who, whoMayCall } from '../support/access.js';
import { Api } from '../support/api.js';
import { until } from '../support/until.js';
import { refusal } from '../support/refusal.js';
import { Victims } from './actors.js';
import { Connection } from './connection.js';
import type { Served } from './fuzz/judgement.js';
import { TRICKS } from './fuzz/targets.js';
import { type Credentials, IDENTITIES } from './identities.js';
import { Random } from './random.js';
import { report, sizes } from './sizes.js';

const ROUTES = Object.entries(ACCESS);

/** How routes that accept some accounts before their activation refuse one without an account creation token. */
const BEFORE_ACTIVATED = { 'never-activated': null, 'with-creation-token': '403 account_unvalidated' } as const;

/** An answer without the token that was drawn for it. */
const withoutToken = (text: string): string => text.replaceAll(/"(token|validation_url)":"[^"]*"/g, '"$1":""');

describe('A caller', () => {
  const counts = { 'routes × identities': 0, 'tricks with paths': 0 };
  let api: Api;
  let victims: Victims;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    victims = await Victims.create(api);
  });
  afterAll(async () => {
    report('authorisation', counts);
    await api.stop();
  });

  /** The path of a route, for an existing account, so that a wrongly accepted call would have an effect. */
  const pathOf = (pattern: string, id: number, sip: string) =>
    pattern
      .replace(':sip', sip)
      .replace(':id', String(id))
      .replace(':uuid', 'urn:uuid:victim-0')
      .replace(':secret', 'secret');

  const call = (route: string, credentials: Credentials, id: number, sip: string) => {
    const [method = '', pattern = ''] = route.split(' ');
    const path = pathOf(pattern, id, sip);
    const body =
      method === 'POST' && !pattern.startsWith('/account/')
        ? { headers: { 'content-type': 'application/json' }, body: '{}' }
        : {};
    return api.send({ method, path, ...body, headers: { ...body.headers, ...credentials(method, path) } });
  };

  describe.each(Object.entries(IDENTITIES))('as %s', (_name, { create, refusals, isWaiting }) => {
    it.each(ROUTES.filter(([, who]) => who !== 'anybody'))(
      '%s: is answered as the table of this test says',
      async (route, who) => {
        counts['routes × identities'] += 1;
        const [victim] = victims.accounts;
        const accepted = isWaiting && BEFORE_ACTIVATION[route];
        const expected = accepted ? BEFORE_ACTIVATED[accepted] : refusals[who as 'user' | 'admin'];
        // An accepted call may change its target, so it gets an account of its own.
        const target = expected === null ? await api.given.account() : victim;
        const answer = await call(route, await create(api), target?.id ?? 0, target?.sip ?? '');
        if (expected === null) expect([200, 201, 404, 422]).toContain(answer.status);
        else expect(refusal(answer)).toBe(expected);
      },
    );

    it.each(ROUTES.filter(([, who]) => who === 'anybody'))('%s: is answered like anybody', async (route) => {
      counts['routes × identities'] += 1;
      const { id, sip } = await api.given.inactiveAccount();
      const [anybody, somebody] = [
        await call(route, () => ({}), id, sip),
        await call(route, await create(api), id, sip),
      ];
      expect([200, 201, 302, 404, 422]).toContain(anybody.status);
      expect({ status: somebody.status, text: withoutToken(somebody.text) }).toEqual({
        status: anybody.status,
        text: withoutToken(anybody.text),
      });
      expect(somebody.challenges).toEqual([]);
    });

    it('has touched nobody', async () => {
      expect(await victims.damage(api)).toEqual([]);
    });
  });

  const outsiders = Object.entries(IDENTITIES).filter(([, { refusals }]) => refusals.admin !== null);

  it.each(outsiders)(
    'reaches, as %s, no handler through a trick with the path that would not be theirs without',
    async (_name, { create, refusals }) => {
      const credentials = await create(api);
      api.log.length = 0;
      const served = await sendTricks(credentials);
      const trespasses = served.filter(({ method, route, status }) => {
        const who = whoMayCall(method, route);
        if (who === 'nobody') return status < 400 && !(status === 303 && method !== 'POST');
        return status < 400 && (who === 'admin' || (who === 'user' && refusals.user !== null) || who === undefined);
      });
      expect(trespasses).toEqual([]);
      expect(await victims.damage(api)).toEqual([]);
    },
  );

  /** Plays every trick on the path of every restricted route. Returns what the service logged. */
  async function sendTricks(credentials: Credentials): Promise<Served[]> {
    let connection = await Connection.open(api.origin);
    // The router treats pages like other routes, so a few represent all.
    const few = new Set([
      'GET /account',
      'POST /account/api-key/generate',
      'GET /account/accounts/:id',
      'POST /account/accounts/:id/delete',
    ]);
    const pages = Object.entries<Who>(PAGES).filter(([name]) => few.has(name));
    for (const [route] of [...ROUTES, ...pages].filter(
      ([name, who]) => who !== 'anybody' && name !== 'DELETE /api/accounts/me',
    )) {
      const [method = '', pattern = ''] = route.split(' ');
      for (const [index, trick] of TRICKS.entries()) {
        const [victim] = victims.accounts;
        const target = trick(
          pathOf(pattern, victim?.id ?? 0, victim?.sip ?? ''),
          new Random(sizes.seed, counts['tricks with paths']),
        );
        const headers = Object.entries(credentials(method, target)).map(([name, value]) => `${name}: ${value}`);
        const head = [
          `${method} ${target} HTTP/1.1`,
          'Host: api.example.org',
          `X-Request-Id: trick-${index}`,
          ...headers,
        ];
        if (!connection.isOpen || /\s/.test(target)) connection = await Connection.open(api.origin);
        await connection.exchange(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), method === 'HEAD');
        counts['tricks with paths'] += 1;
        if (/\s/.test(target)) connection.close();
      }
    }
    connection.close();
    // The log is in order: everything before this request is logged before it.
    await api.send({ path: '/api/ping', headers: { 'x-request-id': 'the-last-one' } });
    await until(() => api.log.some((line) => line.includes('the-last-one')));
    return api.log.map((line) => JSON.parse(line) as Served & { msg: string }).filter(({ msg }) => msg === 'request');
  }
});
