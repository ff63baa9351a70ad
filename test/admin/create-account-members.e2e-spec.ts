import { Api } from '../support/api.js';
import type { GivenAccount } from '../support/factories.js';
import { refusal, tally } from '../support/refusal.js';

const PATH = '/api/accounts';

describe('What POST /accounts takes from an administrator', () => {
  let api: Api;
  let admin: GivenAccount;

  beforeAll(async () => {
    api = await Api.start({ environment: { RATE_LIMITS: 'off' } });
    admin = await api.given.admin();
  });
  afterAll(() => api.stop());

  const body = (more: object = {}) => ({
    username: api.given.unique('created'),
    password: 'secret words',
    algorithm: 'SHA-256',
    ...more,
  });
  const create = (more: object = {}) => api.withKey(admin).post(PATH, body(more));

  describe('is', () => {
    it.each([
      ['a username of 6 characters', { username: 'abc.12' }],
      ['a username of 64 characters', { username: 'u'.repeat(64) }],
      ['a username of every character allowed', { username: 'az09._+-' }],
      ['a username that is a phone number', { username: '+33612345678' }],
      ['a username of digits', { username: '123456' }],
      ['a password of 6 characters', { password: '123456' }],
      ['a password of 256 characters', { password: 'x'.repeat(256) }],
      ['a password of blanks', { password: '      ' }],
      ['any domain, not only registration domains', { domain: 'a-b.example.com' }],
      ['a domain of one label', { domain: 'localhost' }],
      ['an IPv4 address as domain', { domain: '192.0.2.17' }],
      ['a domain of 64 characters', { domain: `${'d'.repeat(60)}.org` }],
      ['an email of 64 characters', { email: `${'a'.repeat(40)}@${'b'.repeat(19)}.org` }],
      ['an email with a plus', { email: 'a+b@example.org' }],
      ['a phone of 15 digits', { phone: '+336123456789012' }],
      ['a display name of any script', { display_name: 'Jürgen 日本 📱' }],
      ['a display name of 255 characters', { display_name: '📱'.repeat(255) }],
      ['a DTMF protocol', { dtmf_protocol: 'rfc2833' }],
      ['an empty dictionary', { dictionary: {} }],
      ['a dictionary of texts', { dictionary: { department: 'sales', 'two words': '', 'ключ 📱': '"\n\u0000<b>' } }],
      [
        'a dictionary with the names of what objects have',
        { dictionary: { constructor: 'a', toString: 'b', hasOwnProperty: 'c' } },
      ],
      ['a dictionary with a key of 255 characters', { dictionary: { ['📱'.repeat(255)]: 'a' } }],
      ['a dictionary of 16000 characters', { dictionary: { a: 'x'.repeat(16_000 - 8) } }],
      ['a dictionary of 16000 characters of four bytes', { dictionary: { a: '📱'.repeat(16_000 - 8) } }],
      [
        'null for what is optional',
        {
          algorithm: null,
          domain: null,
          email: null,
          phone: null,
          activated: null,
          admin: null,
          confirmation_key_expires: null,
          display_name: null,
          dtmf_protocol: null,
          dictionary: null,
        },
      ],
    ])('%s', async (_name, more) => {
      const { status, json } = await create(more);
      expect(status).toBe(200);
      const { password: _password, ...shown } = more as Record<string, unknown>;
      for (const [member, value] of Object.entries(shown)) if (value !== null) expect(json[member]).toEqual(value);
    });

    it('never more than is known: other members are ignored and written nowhere', async () => {
      const stray = {
        id: 4711,
        confirmation_key: 'aaaaaaaaaaaaa',
        ip_address: '1.2.3.4',
        creation_time: '2001-01-01 00:00:00',
        expire_time: '2001-01-01 00:00:00',
      };
      const { status, json } = await create({
        ...stray,
        user_agent: 'stray',
        realm: 'stray',
        passwords: [],
        constructor: {},
        'no such member': 1,
      });
      expect(status).toBe(200);
      const [row] = await api.sql('SELECT * FROM accounts WHERE id = ?', [json.id]);
      expect(row).toMatchObject({ ip_address: '127.0.0.1', user_agent: 'Flexisip API', expire_time: null });
      for (const [member, value] of Object.entries(stray)) expect(row[member]).not.toBe(value);
    });

    it('nothing from the query', async () => {
      const query = 'admin=1&activated=1&email=query@example.org&username=from-query';
      const given = body();
      const { json } = await api.withKey(admin).post(`${PATH}?${query}`, given);
      expect(json).toMatchObject({ username: given.username, admin: false, activated: false, email: null });
      expect(refusal(await api.withKey(admin).post(`${PATH}?${query}&password=secret&algorithm=MD5`, {}))).toBe(
        '422 validation_failed password,username',
      );
    });
  });

  describe('is not', () => {
    it.each([
      ['a username of 5 characters', { username: 'abcde' }],
      ['a username of 65 characters', { username: 'u'.repeat(65) }],
      ['a username in upper case', { username: 'Created' }],
      ['a username with a blank behind', { username: 'created ' }],
      ['a username with a line end', { username: 'created\n' }],
      ['a username with an @', { username: 'created@here' }],
      ['a username with an accent', { username: 'créated' }],
      ['a username with a slash', { username: 'created/me' }],
      ['an empty username', { username: '' }],
      ['null as username', { username: null }],
      ['a number as username', { username: 123456 }],
      ['a list as username', { username: ['created'] }],
      ['a password of 5 characters', { password: '12345' }],
      ['a password of 257 characters', { password: 'x'.repeat(257) }],
      ['null as password', { password: null }],
      ['a number as password', { password: 123456 }],
      ['an object as password', { password: {} }],
      ['CLRTXT as algorithm', { algorithm: 'CLRTXT' }],
      ['sha-256 as algorithm', { algorithm: 'sha-256' }],
      ['a list as algorithm', { algorithm: ['MD5'] }],
      ['a domain in upper case', { domain: 'SIP.example.org' }],
      ['a domain of 65 characters', { domain: `${'d'.repeat(61)}.org` }],
      ['a domain with a port', { domain: 'sip.example.org:5060' }],
      ['a domain with an underscore', { domain: 'sip_1.example.org' }],
      ['a domain with a blank', { domain: ' sip.example.org' }],
      ['a domain with a line end', { domain: 'sip.example.org\n' }],
      ['a domain with a dot behind', { domain: 'sip.example.org.' }],
      ['a domain with two dots', { domain: 'sip..example.org' }],
      ['a domain that starts with a dash', { domain: '-sip.example.org' }],
      ['an IPv6 address as domain', { domain: '[2001:db8::1]' }],
      ['an empty domain', { domain: '' }],
      ['a number as domain', { domain: 1 }],
      ['an email without @', { email: 'example.org' }],
      ['an email of 65 characters', { email: `${'a'.repeat(40)}@${'b'.repeat(20)}.org` }],
      ['an email with a blank', { email: ' a@example.org' }],
      ['an email with a line end', { email: 'a@example.org\n' }],
      ['an empty email', { email: '' }],
      ['a list as email', { email: ['a@example.org'] }],
      ['a phone without plus', { phone: '33612345678' }],
      ['a phone of 16 digits', { phone: '+3361234567890123' }],
      ['a phone with blanks', { phone: '+33 6 12 34 56 78' }],
      ['an empty phone', { phone: '' }],
      ['a number as phone', { phone: 33612345678 }],
      ['an empty display name', { display_name: '' }],
      ['a display name of 256 characters', { display_name: 'x'.repeat(256) }],
      ['a display name of two lines', { display_name: 'John\nDoe' }],
      ['a list as display name', { display_name: ['John'] }],
      ['an unknown DTMF protocol', { dtmf_protocol: 'rfc4733' }],
      ['a list as dictionary', { dictionary: ['a'] }],
      ['an empty list as dictionary', { dictionary: [] }],
      ['a string as dictionary', { dictionary: '{"a":"b"}' }],
      ['a number as dictionary', { dictionary: 1 }],
      ['false as dictionary', { dictionary: false }],
      ['a dictionary with a number', { dictionary: { a: 1 } }],
      ['a dictionary with null', { dictionary: { a: null } }],
      ['a dictionary with an object', { dictionary: { a: { b: 'c' } } }],
      ['a dictionary with a list', { dictionary: { a: ['b'] } }],
      ['a dictionary with half a character', { dictionary: { a: '\ud800' } }],
      ['a dictionary with half a character as key', { dictionary: { '\ud800': 'a' } }],
      ['a dictionary with an empty key', { dictionary: { '': 'a' } }],
      ['a dictionary with a key of 256 characters', { dictionary: { ['x'.repeat(256)]: 'a' } }],
      ['a dictionary of 16001 characters', { dictionary: { a: 'x'.repeat(16_001 - 8) } }],
      ['a date alone', { confirmation_key_expires: '2031-01-02' }],
      ['a moment in ISO 8601', { confirmation_key_expires: '2031-01-02T03:04:05Z' }],
      ['a moment with fractions', { confirmation_key_expires: '2031-01-02 03:04:05.5' }],
      ['a moment with a blank before', { confirmation_key_expires: ' 2031-01-02 03:04:05' }],
      ['the 30th of February', { confirmation_key_expires: '2031-02-30 03:04:05' }],
      ['the 29th of February of another year', { confirmation_key_expires: '2031-02-29 03:04:05' }],
      ['the 13th month', { confirmation_key_expires: '2031-13-01 03:04:05' }],
      ['the hour 24', { confirmation_key_expires: '2031-01-02 24:00:00' }],
      ['the zero date', { confirmation_key_expires: '0000-00-00 00:00:00' }],
      ['an empty moment', { confirmation_key_expires: '' }],
      ['a number as moment', { confirmation_key_expires: 1_900_000_000 }],
      ['an odd moment for an account that is activated', { activated: true, confirmation_key_expires: 'soon' }],
    ])('%s', async (_name, more) => {
      const before = await api.count('accounts');
      expect(refusal(await create(more))).toBe(`422 validation_failed ${Object.keys(more).at(-1)}`);
      expect(await api.count('accounts')).toBe(before);
    });

    it('an empty body, or none', async () => {
      for (const nothing of [undefined, {}]) {
        expect(refusal(await api.withKey(admin).post(PATH, nothing))).toBe('422 validation_failed password,username');
      }
    });

    it('a body that is no JSON object', async () => {
      const send = (type: string | undefined, text: string) =>
        api
          .withKey(admin)
          .send({ method: 'POST', path: PATH, headers: type ? { 'content-type': type } : {}, body: text });
      expect(refusal(await send('application/json', '{'))).toBe('400 body_not_json');
      expect(refusal(await send('application/json', '[]'))).toBe('400 body_not_object');
      expect(refusal(await send('application/json', 'null'))).toBe('400 body_not_object');
      expect(refusal(await send('application/x-www-form-urlencoded', 'username=created'))).toBe(
        '415 body_type_unsupported',
      );
      expect(refusal(await send(undefined, '{}'))).toBe('415 body_type_unsupported');
    });
  });

  describe('by others is refused before the body is looked at', () => {
    const strange = { 'content-type': 'text/plain' };

    it('without credentials', async () => {
      const answer = await api
        .anonymous()
        .send({ method: 'POST', path: PATH, headers: { ...strange, from: admin.from }, body: '{' });
      expect(refusal(answer)).toBe('401 authentication_required');
    });

    it('from an account that is no administrator', async () => {
      const user = await api.given.account();
      expect(refusal(await api.withKey(user).send({ method: 'POST', path: PATH, headers: strange, body: '{' }))).toBe(
        '403 admin_required',
      );
      expect(refusal(await api.withKey(user).post(PATH, body()))).toBe('403 admin_required');
    });

    it('from an administrator who is not activated', async () => {
      const inactive = await api.given.inactiveAccount({ admin: true });
      expect(refusal(await api.withKey(inactive).post(PATH, body()))).toBe('403 account_not_activated');
    });
  });

  describe('must be free', () => {
    it('as a username of the same domain', async () => {
      const { username } = await api.given.account();
      const before = await api.count('accounts');
      expect(refusal(await create({ username }))).toBe('422 username_taken username');
      expect(await api.count('accounts')).toBe(before);
      expect((await create({ username, domain: 'other.example.org' })).status).toBe(200);
    });

    it('as a username that is somebody’s phone in the domain', async () => {
      await api.given.account({ phone: '+33620000001' });
      expect(refusal(await create({ username: '+33620000001' }))).toBe('422 username_taken username');
      expect((await create({ username: '+33620000001', domain: 'other.example.org' })).status).toBe(200);
    });

    it('as a phone of the domain', async () => {
      await api.given.inactiveAccount({ phone: '+33620000002' });
      const before = await api.count('accounts');
      expect(refusal(await create({ phone: '+33620000002' }))).toBe('422 phone_taken phone');
      expect(await api.count('accounts')).toBe(before);
      expect((await create({ phone: '+33620000002', domain: 'other.example.org' })).json.phone).toBe('+33620000002');
    });

    it('as a phone that is a username of the domain', async () => {
      await api.given.account({ username: '+33620000003' });
      const before = await api.count('accounts');
      expect(refusal(await create({ phone: '+33620000003' }))).toBe('422 phone_taken phone');
      expect(await api.count('accounts')).toBe(before);
      expect((await create({ phone: '+33620000003', domain: 'other.example.org' })).status).toBe(200);
    });

    it('but not as an email, which need not be unique', async () => {
      await api.given.account({ email: 'shared@example.org' });
      expect((await create({ email: 'shared@example.org' })).json.email).toBe('shared@example.org');
    });
  });

  describe('twenty times at once makes one account', () => {
    it('of one username', async () => {
      const username = api.given.unique('racing');
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => create({ username, email: 'race@example.org' })),
      );
      expect(tally(answers)).toEqual({ 200: 1, '422 username_taken username': 19 });
      expect(await api.count('accounts', 'username = ?', [username])).toBe(1);
      const { json } = answers.find(({ status }) => status === 200) ?? { json: {} };
      expect(await api.count('passwords', 'account_id = ?', [json.id])).toBe(1);
    });

    it('of one phone', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => create({ phone: '+33620000004' })));
      expect(tally(answers)).toEqual({ 200: 1, '422 phone_taken phone': 19 });
      expect(await api.count('accounts', 'phone = ?', ['+33620000004'])).toBe(1);
      expect(await api.count('aliases', 'alias = ?', ['+33620000004'])).toBe(1);
    });

    it('where half want a number as username and half as phone', async () => {
      const number = '+33620000005';
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => create(index % 2 ? { username: number } : { phone: number })),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 422)).toHaveLength(19);
    });

    it('twenty of twenty names', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => create({ phone: `+336200001${String(index).padStart(2, '0')}` })),
      );
      expect(tally(answers)).toEqual({ 200: 20 });
    });
  });
});
