import { Api } from '../support/api.js';
import { startMailingApi } from '../support/external/mailing-api.js';
import { requestEmail, setFirstPassword, signUp } from '../support/mail-routes.js';
import { MailServer } from '../support/external/mail-server.js';
import { TextFolder } from '../support/text-folder.js';

const german = { 'accept-language': 'de-AT, de;q=0.9' };

const TEXTS = {
  'en/mail/activation.txt':
    'Subject: {{code}} activates {{account}} at {{application}}\n\nUntil {{expires}}: {{code}}, {{signature}} <{{language}}>\n',
  'layout.html':
    '<html lang="{{language}}"><title>{{subject}}</title><i>ours</i>{{> @partial-block }}<b>{{signature}}</b></html>',
  'de/mail/activation.txt': 'Subject: {{application}}: Schlüssel\r\n\r\nFür {{account}}: {{code}}\r\n',
  'de/mail/activation.html': '{{#> layout}}<p>Für {{account}}: {{code}}</p>{{/layout}}',
  'de/mail/email-confirmation.txt': 'Subject: {{application}}: neue Adresse\n\n{{link}} bis {{expires}}\n',
  // What editors and tools leave behind.
  'en/mail/activation.txt.bak': '{{nothing}}',
  'en/mail/.activation.txt.swp': '{{#if}}',
  'README.md': '{{> nothing}}',
};

describe('The texts of an operator', () => {
  let server: MailServer;
  let stop: () => Promise<void>;
  let texts: TextFolder;
  let api: Api;

  beforeAll(async () => {
    texts = new TextFolder(TEXTS);
    const settings = { APP_NAME: 'R&D <phones>', MAIL_SIGNATURE: 'Tom & "Jerry"', MESSAGE_TEMPLATES: texts.path };
    ({ api, server, stop } = await startMailingApi(settings));
  });
  afterAll(async () => {
    await stop();
    texts.remove();
  });

  it('stand in for ours of the same name, and can use every value, in the subject too', async () => {
    const { body } = await signUp(api);
    const [, code = ''] = /: ([A-Za-z0-9]{13}),/.exec(server.last.text ?? '') ?? [];
    expect(code).not.toBe('');
    expect(server.last.subject).toBe(`${code} activates sip:${body.username}@sip.example.org at R&D <phones>`);
    expect(server.last.text).toMatch(/^Until \d{4}-\d\d-\d\d \d\d:\d\d: \w+, Tom & "Jerry" <en>\s*$/);
  });

  it('leave the others ours, but around them all stands the layout of the operator', async () => {
    await signUp(api);
    expect(server.last.html || '').toContain('Your activation code is');
    expect(server.last.html || '').toContain('<i>ours</i>');
    await setFirstPassword(api, await api.given.account({ email: 'old@example.org', stored: [] }));
    expect(server.last.subject).toBe('R&D <phones>: your password was set');
    expect(server.last.text).toContain('A password was set for the account');
  });

  it('are escaped where they fill HTML, and are not where they fill text', async () => {
    await setFirstPassword(api, await api.given.account({ email: 'old@example.org', stored: [] }));
    expect(server.last.text).toContain('Tom & "Jerry"');
    expect(server.last.html || '').toContain('<b>Tom &amp; &quot;Jerry&quot;</b>');
    expect(server.last.html || '').toContain('<title>R&amp;D &lt;phones&gt;: your password was set</title>');
  });

  it('add a language by a folder, with the line ends of Windows too', async () => {
    const { body } = await signUp(api, undefined, german);
    expect(server.last.subject).toBe('R&D <phones>: Schlüssel');
    expect(server.last.text).toMatch(new RegExp(`^Für sip:${body.username}@sip.example.org: [A-Za-z0-9]{13}\\s*$`));
    expect(server.last.html || '').toContain('<html lang="de">');
    expect(server.last.html || '').toContain(`<p>Für sip:${body.username}@sip.example.org: `);
  });

  it('make a mail of text alone where a new language has no HTML', async () => {
    await requestEmail(api, await api.given.account(), 'new@example.org', german);
    expect(server.last.subject).toBe('R&D <phones>: neue Adresse');
    expect(server.last.html).toBe(false);
    expect(server.last.headers.get('content-type')).toMatchObject({ value: 'text/plain' });
  });

  it('leave a mail that a new language has no text for in the next best language', async () => {
    const account = await api.given.account({ email: 'old@example.org', stored: [] });
    await setFirstPassword(api, account, german);
    expect(server.last.subject).toBe('R&D <phones>: your password was set');
    const other = await api.given.account({ email: 'old@example.org', stored: [] });
    await setFirstPassword(api, other, { 'accept-language': 'de, fr;q=0.5' });
    expect(server.last.subject).toBe('R&D <phones> : votre mot de passe a été défini');
  });
});
