import { Api } from '../support/api.js';
import * as adapters from '../support/external/services-under-test.js';
import * as calls from '../support/external/dependent-calls.js';
import type { DependentCall } from '../support/external/dependent-calls.js';
import { BEHIND_PROXY, range, stranger } from '../support/public-routes.js';
import { refusal, tally } from '../support/refusal.js';

/** Seconds that a call waits. The default of ten changes only the duration: `TEST_OUTBOUND_TIMEOUT=10` shows that. */
const SHORT_TIMEOUT = process.env.TEST_OUTBOUND_TIMEOUT ?? '1';
/** Seconds, enough for the other steps of a test on a busy machine. */
const LONG_TIMEOUT = process.env.TEST_OUTBOUND_TIMEOUT ?? '3';

/** The secrets in the environment of the adapters. None of them may get into the log. */
const SECRETS =
  /ovh-secret|ovh-consumer|twilio-token|gateway-key|redis-password|mail-password|firebase-key|PRIVATE KEY|eyJ/;

interface Case {
  name: string;
  border: 'push' | 'mail' | 'sms' | 'devices';
  start: () => Promise<adapters.ExternalService>;
  calls: readonly DependentCall[];
  /** The name of the external service in the log. */
  inLog: RegExp;
}

const CASES: Case[] = [
  {
    name: 'flexisip_pusher',
    border: 'push',
    start: adapters.pusher,
    calls: [calls.tokenFor('fcm')],
    inLog: /flexisip_pusher/,
  },
  {
    name: 'APNs',
    border: 'push',
    start: adapters.apns,
    calls: [calls.tokenFor('apns')],
    inLog: /Apple's push service/,
  },
  { name: 'FCM', border: 'push', start: adapters.fcm, calls: [calls.tokenFor('fcm')], inLog: /Google's push service/ },
  {
    name: 'SMTP',
    border: 'mail',
    start: adapters.smtp,
    calls: [calls.accountByMail, calls.newEmail],
    inLog: /the mail server 127/,
  },
  {
    name: 'OVH',
    border: 'sms',
    start: adapters.ovh,
    calls: [calls.accountBySms, calls.newPhone],
    inLog: /the SMS gateway http/,
  },
  {
    name: 'Twilio',
    border: 'sms',
    start: adapters.twilio,
    calls: [calls.accountBySms, calls.newPhone],
    inLog: /the SMS gateway http/,
  },
  {
    name: 'HTTP gateway',
    border: 'sms',
    start: adapters.httpGateway,
    calls: [calls.accountBySms, calls.newPhone],
    inLog: /gateway 127/,
  },
  {
    name: 'command socket',
    border: 'devices',
    start: adapters.commandSocket,
    calls: [calls.listDevices, calls.removeDevice],
    inLog: /the SIP proxy/,
  },
  {
    name: 'Redis',
    border: 'devices',
    start: adapters.redis,
    calls: [calls.listDevices, calls.removeDevice],
    inLog: /the SIP proxy's Redis/,
  },
];

describe.each(CASES)('$name', ({ border, start, calls: needing, inLog }) => {
  let api: Api;
  let service: adapters.ExternalService;

  const begin = (timeout: string) =>
    Api.start({ environment: { ...BEHIND_PROXY, NEIGHBOUR_TIMEOUT: timeout, ...service.environment }, real: [border] });

  beforeAll(async () => {
    service = await start();
    await service.recover();
    api = await begin(SHORT_TIMEOUT);
  });
  beforeEach(() => {
    api.log.length = 0;
  });
  afterEach(() => service.recover());
  afterAll(async () => {
    await api.stop();
    await service.stop();
  });

  const problems = () => api.log.filter((line) => /"level":(40|50)/.test(line));

  describe.each(adapters.FAULTS)('is %s', (fault) => {
    it.each(needing)(`answers $name with $refusal, and leaves nothing`, async ({ prepare, refusal: expected }) => {
      const { call, left, nothing } = await prepare(api);
      await service.fail(fault);
      const asked = performance.now();
      const answer = await call();
      expect(performance.now() - asked).toBeLessThan(15_000);
      expect(refusal(answer)).toBe(expected);
      expect(answer.json.message).not.toMatch(/127|ECONN|timeout|:/);
      expect(await left()).toEqual(nothing);
      expect(problems()).toEqual([expect.stringMatching(inLog)]);
      if (fault === 'refused' && border !== 'push') expect(problems()[0]).toMatch(/ECONNREFUSED|ENOENT/);
      expect(api.log.join('\n')).not.toMatch(SECRETS);
    });
  });

  it.each(needing)('answers $name again once it is well', async ({ prepare }) => {
    const { call, left, nothing } = await prepare(api);
    expect([200, 404]).toContain((await call()).status);
    if (border !== 'devices') expect(await left()).not.toEqual(nothing);
    expect(problems()).toEqual([]);
  });

  it('keeps nobody else waiting while it hangs', async () => {
    await api.stop();
    api = await begin(LONG_TIMEOUT);
    await service.fail('hanging');
    // One call may still use a connection from before, and fail when it ends.
    await (await needing[0]?.prepare(api))?.call();
    const account = await api.given.account();
    const hanging = await Promise.all(range(20).map(() => needing[0]?.prepare(api)));
    let answered = 0;
    const waiting = hanging.map(async (one) => {
      await one?.call();
      answered += 1;
    });
    const others = await Promise.all(range(50).map(() => stranger(api).get(`/api/accounts/${account.sip}/info`)));
    expect(tally(others)).toEqual({ 200: 50 });
    expect(answered).toBe(0);
    await Promise.all(waiting);
    for (const one of hanging) expect(await one?.left()).toEqual(one?.nothing);
  });
});
