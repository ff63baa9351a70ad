import type { Api } from '../support/api.js';
import { runCli } from '../support/cli.js';
import { Installation } from '../support/installation.js';

describe('accounts:show', () => {
  let installation: Installation;
  let api: Api;
  let environment: Record<string, string>;

  beforeAll(async () => {
    installation = await Installation.start();
    ({ api, environment } = installation);
  });
  afterAll(() => installation.stop());

  const show = async (sip: string) => {
    const [json, text] = await Promise.all([
      runCli(environment, 'accounts:show', sip, '--json'),
      runCli(environment, 'accounts:show', sip),
    ]);
    expect([json.code, text.code, json.stderr, text.stderr]).toEqual([0, 0, '', '']);
    return {
      shown: JSON.parse(json.stdout) as Record<string, unknown>,
      text: text.stdout,
      everything: json.stdout + text.stdout,
    };
  };

  it('shows all that belongs to an account, and none of its secrets', async () => {
    const alice = await api.given.admin({
      email: 'alice@example.org',
      phone: '+33612345678',
      stored: ['MD5', 'SHA-256'],
    });
    await api.withDigest(alice).post('/api/accounts/me/email/request', { email: 'new@example.org' });
    await api.withDigest(alice).post('/api/accounts/me/phone/request', { phone: '+33687654321' });
    await api.sql('UPDATE api_keys SET created_at = ? WHERE account_id = ?', ['2026-01-02 03:04:05', alice.id]);
    const { shown, text, everything } = await show(alice.sip);
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as string;
    expect(shown).toEqual({
      id: alice.id,
      sip: alice.sip,
      activated: true,
      blocked: false,
      admin: true,
      realm: 'sip.example.org',
      passwords: ['MD5', 'SHA-256'],
      api_key: { created_at: '2026-01-02 03:04:05' },
      email: 'alice@example.org',
      email_changed: { new_email: 'new@example.org', expires: moment },
      phone: '+33612345678',
      phone_changed: { new_phone: '+33687654321', expires: moment },
      aliases: ['+33612345678'],
      activation_code: null,
      creation_time: moment,
      expire_time: null,
      ip_address: '192.0.2.1',
      user_agent: 'a test',
    });
    expect(text).toMatch(/^API key +created 2026-01-02 03:04:05$/m);
    const hashes = await api.sql(
      'SELECT password AS secret FROM passwords UNION SELECT hash FROM email_changed UNION SELECT code FROM phone_change_codes',
    );
    for (const secret of [alice.apiKey, alice.password, ...hashes.map((row) => row.secret as string)])
      expect(everything).not.toContain(secret);
  });

  it('shows that an account waits for its code, and not the code', async () => {
    const newcomer = await api.given.inactiveAccount({
      stored: [],
      key: false,
      confirmationKey: 'aZ3kP9sQ1xW7b',
      confirmationExpiresIn: 3600,
    });
    const { shown, text, everything } = await show(newcomer.sip);
    expect(shown).toMatchObject({
      activated: false,
      admin: false,
      passwords: [],
      api_key: null,
      activation_code: { expires: expect.any(String) as string },
    });
    expect(text).toMatch(/^Activation code +pending, until \d{4}-/m);
    expect(everything).not.toContain('aZ3kP9sQ1xW7b');
  });
});
