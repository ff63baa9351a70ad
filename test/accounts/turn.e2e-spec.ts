import { createHmac } from 'node:crypto';
import { isTurnUri } from '../../src/config/groups/turn.js';
import { InvalidSettings } from '../../src/config/settings.js';
import { loadSettings } from '../../src/config/load-settings.js';
import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { ME } from '../support/http.js';
import { leaked } from '../support/logged.js';
import { refusal } from '../support/refusal.js';
import { APP_KEY } from '../support/settings.js';

const PATH = `${ME}/services/turn`;
const SECRET = 'a secret of north and south';
const URIS = ['turn:turn.example.org:3478?transport=udp', 'turns:[2001:db8::1]:5349'];
/** Seconds that the test itself may take. */
const MARGIN = 5;

describe('GET /accounts/me/services/turn', () => {
  let api: Api;
  let alice: GivenAccount;

  beforeAll(async () => {
    const environment = { TURN_SECRET: SECRET, TURN_URIS: URIS.join(', '), TURN_LIFETIME: '600' };
    api = await Api.start({ environment });
    alice = await api.given.account();
  });
  afterAll(() => api.stop());

  it('answers credentials that the server accepts for the lifetime, and its addresses', async () => {
    const { status, json } = await api.withKey(alice).get(PATH);
    expect(status).toBe(200);
    const { username, password, ...others } = json as Record<string, unknown>;
    expect(others).toEqual({ ttl: 600, uris: URIS });
    const [expiry = '', user] = String(username).split(':');
    expect(Math.abs(Number(expiry) - api.clock.in(600).getTime() / 1000)).toBeLessThan(MARGIN);
    expect(user).toBe(String(alice.id));
    expect(password).toBe(createHmac('sha1', SECRET).update(String(username)).digest('base64'));
    expect(leaked(api, SECRET, String(password))).toEqual([]);
  });

  it('is of activated accounts', async () => {
    expect(refusal(await api.withKey(await api.given.newAccount()).get(PATH))).toBe('403 account_not_activated');
    expect(refusal(await api.withKey(await api.given.account({ blocked: true })).get(PATH))).toBe(
      '403 account_blocked',
    );
    expect(refusal(await api.send({ path: PATH, headers: { from: alice.from } }))).toBe('401 authentication_required');
  });
});

describe('Without a TURN server', () => {
  let api: Api;

  beforeAll(async () => (api = await Api.start()));
  afterAll(() => api.stop());

  it('answers 404', async () => {
    expect(refusal(await api.withKey(await api.given.account()).get(PATH))).toBe('404 turn_not_configured');
  });
});

describe('The settings of a TURN server', () => {
  const mistakesOf = (environment: Record<string, string>): readonly string[] => {
    try {
      loadSettings({ APP_KEY, ...environment });
      return [];
    } catch (error) {
      if (error instanceof InvalidSettings) return error.mistakes;
      throw error;
    }
  };

  it('are given together, or not at all', () => {
    expect(mistakesOf({ TURN_SECRET: SECRET })).toEqual(['TURN_URIS: is required with TURN_SECRET']);
    expect(mistakesOf({ TURN_URIS: URIS.join(',') })).toEqual(['TURN_SECRET: is required with TURN_URIS']);
    expect(mistakesOf({ TURN_LIFETIME: '600' })).toEqual(['TURN_LIFETIME: has no effect without TURN_SECRET']);
  });

  it.each(['turn:a', 'turns:a.example.org', 'turn:192.0.2.1:1?transport=tcp', 'turn:[2001:db8::1]'])(
    'take the address %s',
    (uri) => expect(isTurnUri(uri)).toBe(true),
  );

  it.each([
    'turn',
    'turn:',
    'stun:a',
    'turn://a',
    'turn:a:0',
    'turn:a:65536',
    'turn:a:x',
    'turn:a?transport=sctp',
    'turn:a?x=y',
    'turn:[a]',
    'turn:2001:db8::1',
    'turn:me@a',
    'turn:a b',
  ])('refuse the address %s', (uri) => {
    expect(isTurnUri(uri)).toBe(false);
    expect(mistakesOf({ TURN_SECRET: SECRET, TURN_URIS: uri })).toEqual([
      'TURN_URIS: must be TURN URIs (RFC 7065), separated by commas',
    ]);
  });
});
