import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';

describe('The From header', () => {
  let api: Api;
  let alice: GivenAccount;

  beforeAll(async () => {
    api = await Api.start();
    alice = await api.given.account({ username: 'alice+1' });
  });
  afterAll(() => api.stop());

  const send = (from: string | string[]) =>
    api.send({ path: '/api/accounts/me', headers: { from, 'x-api-key': alice.apiKey ?? '' } });

  it.each([
    'sip:alice+1@sip.example.org',
    'SIP:alice+1@sip.example.org',
    'sip:alice%2B1@sip.example.org',
    'sip:%61lice%2b1@sip.example.org',
    'sip:alice+1@sip.example.org;tag=a6c85cf',
    'sip:alice+1@sip.example.org;a=b@c',
  ])('may be %s', async (from) => {
    expect((await send(from)).status).toBe(200);
  });

  it.each([
    '',
    'alice+1@sip.example.org',
    'sips:alice+1@sip.example.org',
    '"Alice" <sip:alice+1@sip.example.org>',
    'sip:alice+1',
    'sip:@sip.example.org',
    'sip:alice+1@',
    'sip:a@b@sip.example.org',
    'sip:alice%001@sip.example.org',
    'sip:alice%0d%0a@sip.example.org',
    'sip:alice%7f@sip.example.org',
    'sip:alice%C2%85@sip.example.org',
    'sip:alice%zz@sip.example.org',
    'sip:alice%ff@sip.example.org',
    'sip:al ice@sip.example.org',
    'sip:älice@sip.example.org',
  ])('may not be %j', async (from) => {
    expect(await send(from)).toMatchObject({
      status: 422,
      json: { code: 'validation_failed', errors: { from: [expect.stringContaining('sip:user@domain')] as unknown } },
    });
  });

  it.each([
    'sip:Alice+1@sip.example.org',
    'sip:alice+1@SIP.example.org',
    'sip:alice+1@other.example.org',
    'sip:alice%2B1%20@sip.example.org',
    'sip:%C3%A1lice+1@sip.example.org',
    'sip:alice%2B1%E2%80%8B@sip.example.org',
    'sip:alice+1:secret@sip.example.org',
    'sip:alice+1@sip.example.org:5060',
    `sip:${'a'.repeat(4000)}@sip.example.org`,
  ])('is another account as %s', async (from) => {
    expect(await send(from)).toMatchObject({ status: 404, json: { code: 'account_not_found' } });
  });

  it('may be sent once only', async () => {
    expect(await send([alice.from, alice.from])).toMatchObject({ status: 400, json: { code: 'from_ambiguous' } });
  });

  it('is not read on public routes', async () => {
    const answer = await api.send({
      path: `/api/accounts/${alice.sip}/info`,
      headers: { from: ['a', 'b'], 'x-api-key': 'wrong' },
    });
    expect(answer.status).toBe(200);
  });
});
