import { Api } from '../support/api.js';
import { BEHIND_PROXY, stranger } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';

const KEY = 'aZ3kP9sQ1xW7b';

describe.each(['email', 'phone'])('POST /accounts/{sip}/activate/%s', (how) => {
  let api: Api;

  beforeAll(async () => {
    api = await Api.start({ environment: BEHIND_PROXY });
  });
  afterAll(() => api.stop());

  const code = how === 'email' ? KEY : '2718';
  const inactive = () => api.given.inactiveAccount({ confirmationKey: code });
  const post = (sip: string, body: unknown) => stranger(api).post(`/api/accounts/${sip}/activate/${how}`, body);

  const never = [
    '',
    '271',
    '27189',
    ' 2718',
    '2718 ',
    '2718\n',
    '٢٧١٨',
    '27 8',
    'abcd',
    `${KEY}c`,
    KEY.slice(1),
    `${KEY} `,
    'aZ3kP9sQ1xW7é',
    `${KEY}\n`,
  ];
  const notStrings = [2718, true, 1, null, [], [code], {}, { code }];

  it.each([...never, ...(how === 'phone' ? [KEY] : []), ...notStrings])('refuses %j', async (value) => {
    const { sip, id } = await inactive();
    expect(refusal(await post(sip, { code: value }))).toBe('422 validation_failed code');
    expect(await api.count('accounts', 'id = ? AND activated = 0', [id])).toBe(1);
  });

  it('refuses a body without code, no body, and a code in the query', async () => {
    const { sip } = await inactive();
    expect(refusal(await post(sip, {}))).toBe('422 validation_failed code');
    expect(refusal(await post(sip, undefined))).toBe('422 validation_failed code');
    expect(refusal(await stranger(api).post(`/api/accounts/${sip}/activate/${how}?code=${code}`, {}))).toBe(
      '422 validation_failed code',
    );
  });

  it('refuses bodies that are no JSON object, too large, or of another type', async () => {
    const { sip } = await inactive();
    const send = async (body: string, type: string) =>
      refusal(
        await stranger(api).send({
          method: 'POST',
          path: `/api/accounts/${sip}/activate/${how}`,
          headers: { 'content-type': type },
          body,
        }),
      );
    expect(await send(`{"code":"${code}"`, 'application/json')).toBe('400 body_not_json');
    expect(await send(`"${code}"`, 'application/json')).toBe('400 body_not_object');
    expect(await send(`code=${code}`, 'application/x-www-form-urlencoded')).toBe('415 body_type_unsupported');
    expect(await send(`{"code":"${code}"}${' '.repeat(65_536)}`, 'application/json')).toBe('413 body_too_large');
  });

  it('ignores unknown members, From and credentials, and takes a trailing slash', async () => {
    const { sip, id } = await inactive();
    const headers = {
      'content-type': 'application/json',
      from: ['nonsense', 'sip:a@b'],
      'x-api-key': '',
      authorization: 'Digest x',
    };
    const body = JSON.stringify({ code, admin: true, phone: '+33612345678', email: 'evil@example.org' });
    const answer = await stranger(api).send({
      method: 'POST',
      path: `/api/accounts/${sip}/activate/${how}/`,
      headers,
      body,
    });
    expect(answer).toMatchObject({
      status: 200,
      json: { id, activated: true, admin: false, phone: null, email: null },
      challenges: [],
    });
    expect(answer.json).not.toHaveProperty('confirmation_key');
  });

  it('answers 404 where the path holds no SIP address', async () => {
    for (const sip of ['nobody', '1', '%40', 'a@b@c'])
      expect(refusal(await post(sip, { code }))).toBe('404 account_not_found');
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('answers %s with 405 and Allow, and activates nothing', async (method) => {
    const { sip, id } = await inactive();
    const answer = await stranger(api).send({ method, path: `/api/accounts/${sip}/activate/${how}` });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(await api.count('accounts', 'id = ? AND activated = 0', [id])).toBe(1);
  });
});
