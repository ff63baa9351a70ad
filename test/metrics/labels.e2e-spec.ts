import { OutboundCallFailed } from '../../src/outbound/outbound-call-failed.js';
import { Metrics } from '../../src/metrics/metrics.service.js';
import { Api } from '../support/api.js';
import { sendRequest } from '../support/http.js';
import { confirmEmail, requestEmail } from '../support/mail-routes.js';
import { METHODS, OTHER_METHODS } from '../support/methods.js';
import { countedBy, samplesOf } from '../support/metrics.js';
import { range, uniquePhone } from '../support/public-routes.js';
import { trickTarget } from '../security/fuzz/targets.js';
import { Random } from '../security/random.js';
import { sizes } from '../security/sizes.js';

const CALLS = 'flexisip_api_neighbour_call_duration_seconds';

describe('The labels of metrics', () => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: { NEIGHBOUR_TIMEOUT: '1', METRICS_PORT: '0' } });
  });
  afterAll(() => api.stop());

  it('are ours to choose, whatever strangers ask for', async () => {
    const paths = [...api.routes.keys()].map((route) => route.replace(/:(\w+)/g, 'a-$1'));
    const tried = range(1_500).map((index) => {
      const random = new Random(sizes.seed, index);
      const path = trickTarget(random.pick(paths), random);
      return { method: random.pick([...METHODS, ...OTHER_METHODS]), path: /^[\x21-\x7e]+$/.test(path) ? path : '/x' };
    });
    // Some of this is no HTTP, and some ends the connection.
    for (const request of tried)
      await sendRequest(api.origin, { ...request, headers: { from: `sip:${request.path}@a` } }).catch(() => undefined);

    const routes = new Set(['unknown', '/api/docs/*', '/api/docs/docs/*', ...api.routes.keys()]);
    const labels = Object.keys(await samplesOf(api, 'flexisip_api_http_requests_total'));
    expect(labels.length).toBeGreaterThan(30);
    for (const label of labels) {
      const [, method = '', route = '', status = ''] =
        /^method="([^"]*)",route="([^"]*)",status="(\d+)"$/.exec(label) ?? [];
      expect([...METHODS, 'other']).toContain(method);
      expect([...routes].map((one) => one.replace(/(.)\/$/, '$1'))).toContain(route.replace(/(.)\/$/, '$1'));
      expect(Number(status)).toBeLessThan(600);
    }
    expect(labels.some((label) => label.includes('method="other"'))).toBe(true);
    expect(labels.some((label) => label.includes('route="unknown"'))).toBe(true);
    const series = (await api.app.get(Metrics).snapshot()).reduce((total, { values }) => total + values.length, 0);
    expect(series).toBeLessThan(5_000);
  });

  it.each([
    ['done', () => undefined],
    ['failed', () => api.mails.fail()],
    ['fault', () => api.mails.break()],
  ])('say of a mail that it is %s', async (outcome, prepare) => {
    const alice = await api.given.account();
    prepare();
    const counted = await countedBy(api, CALLS, () => requestEmail(api, alice, 'new@example.org'));
    api.mails.recover();
    expect(counted).toMatchObject({
      [`adapter="log",border="mail",outcome="${outcome}"`]: expect.any(Number) as number,
    });
  });

  it('say of an SMS that it is late', async () => {
    const alice = await api.given.account();
    const send = api.messages.send.bind(api.messages);
    api.messages.send = (_message, signal?: AbortSignal) =>
      new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(new OutboundCallFailed('the fake', 'was late'))),
      );
    const counted = await countedBy(api, CALLS, () =>
      api.withKey(alice).post('/api/accounts/me/phone/request', { phone: uniquePhone(api) }),
    );
    api.messages.send = send;
    expect(Object.keys(counted)).toEqual(expect.arrayContaining(['adapter="log",border="sms",outcome="late"']));
  });

  it('count a device that is not there as an answer', async () => {
    const alice = await api.given.account();
    const counted = await countedBy(api, CALLS, () =>
      api.withKey(alice).delete('/api/accounts/me/devices/urn:uuid:none'),
    );
    expect(Object.keys(counted)).toEqual(expect.arrayContaining(['adapter="none",border="devices",outcome="done"']));
  });

  it('name no account, address or client', async () => {
    const alice = await api.given.account();
    await requestEmail(api, alice, 'private@example.org', { 'user-agent': 'a private client' });
    await confirmEmail(api, '/account/email/1/hush');
    const all = JSON.stringify(await api.app.get(Metrics).snapshot());
    for (const text of [alice.username, 'private', 'hush', '127.0.0.1', 'sip.example.org'])
      expect(all).not.toContain(text);
  });
});
