import { Api } from '../support/api.js';
import { startMailingApi } from '../support/external/mailing-api.js';
import { confirmEmail, confirmationPathOf, requestEmail, setFirstPassword, signUp } from '../support/mail-routes.js';
import { MailServer } from '../support/external/mail-server.js';

const ENGLISH = 'Phones: your activation code';
const FRENCH = "Phones : votre code d'activation";

describe('The language of a mail', () => {
  let server: MailServer;
  let api: Api;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    ({ api, server, stop } = await startMailingApi({ APP_NAME: 'Phones' }));
  });
  afterAll(() => stop());

  it.each([
    ['fr', FRENCH],
    ['FR', FRENCH],
    ['fr-CA', FRENCH],
    ['fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7', FRENCH],
    ['de, fr;q=0.2', FRENCH],
    ['en;q=0.5, fr;q=0.51', FRENCH],
    ['en;q=0, fr;q=0.001', FRENCH],
    ['en;q=0, *', FRENCH],
    ['en', ENGLISH],
    ['en-GB', ENGLISH],
    ['en, fr', ENGLISH],
    ['fr;q=0.5, en;q=0.51', ENGLISH],
    ['fr;q=0', ENGLISH],
    ['*', ENGLISH],
    ['fr;q=0.1, *', ENGLISH],
  ])('is the one that is wanted most: %s', async (wanted, subject) => {
    expect((await signUp(api, undefined, { 'accept-language': wanted })).answer.status).toBe(200);
    expect(server.last.subject).toBe(subject);
  });

  it.each([
    'de',
    'tlh-Latn, xx;q=0.9',
    'fro',
    'frr-FR',
    '',
    ',',
    ' ; ',
    'en;q=0',
    'en;q=0, fr;q=0',
    '*;q=0',
    'constructor',
    '__proto__',
    '../../../etc/passwd',
    '{{code}}',
    'fr{}',
    '\u00e9\u00e8',
  ])('is English where what is wanted is not to be had, or is nonsense: %j', async (wanted) => {
    expect((await signUp(api, undefined, { 'accept-language': wanted })).answer.status).toBe(200);
    expect(server.last.subject).toBe(ENGLISH);
  });

  it('is English where nothing is said of languages', async () => {
    expect((await signUp(api)).answer.status).toBe(200);
    expect(server.last.subject).toBe(ENGLISH);
    expect(server.last.html || '').toContain('<html lang="en">');
  });

  it.each(['q=', 'q=x', 'q=-1', 'q=1e99', 'q=1;q=0', 'q', ';;;'])(
    'is one of ours where a weight is broken: fr;%s',
    async (weight) => {
      expect((await signUp(api, undefined, { 'accept-language': `fr;${weight}` })).answer.status).toBe(200);
      expect([ENGLISH, FRENCH]).toContain(server.last.subject);
    },
  );

  it.each([
    ['wants very many languages', `${Array.from({ length: 2_000 }, (_, index) => `x${index}`).join(',')},fr`, FRENCH],
    ['wants one very long language', 'x-'.repeat(6_000), ENGLISH],
    ['wants the same one very often', 'de;q=0.9,'.repeat(1_400), ENGLISH],
    ['sends very many blanks', `de;${' '.repeat(12_000)}q=1`, ENGLISH],
  ])('is found at once when somebody %s', async (_what, wanted, subject) => {
    const start = performance.now();
    expect((await signUp(api, undefined, { 'accept-language': wanted })).answer.status).toBe(200);
    expect(server.last.subject).toBe(subject);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('is chosen anew by every call', async () => {
    for (const [wanted, subject] of [
      ['fr', FRENCH],
      ['en', ENGLISH],
      ['fr', FRENCH],
    ]) {
      await signUp(api, undefined, { 'accept-language': wanted ?? '' });
      expect(server.last.subject).toBe(subject);
    }
  });

  it('is French in every mail, in both of its parts, with its accents', async () => {
    const french = { 'accept-language': 'fr-CA' };
    const expectFrench = (subject: string, words: string) => {
      expect(server.last.subject).toBe(subject);
      expect(server.last.text).toContain(words);
      expect(server.last.html || '').toContain(words);
      expect(server.last.html || '').toContain('<html lang="fr">');
    };
    await signUp(api, undefined, french);
    expectFrench(FRENCH, 'a créé le compte');
    const account = await api.given.account({ email: 'old@example.org', stored: [] });
    await requestEmail(api, account, 'new@example.org', french);
    expectFrench('Phones : confirmez votre adresse e-mail', 'ignorez ce message');
    await confirmEmail(api, confirmationPathOf(server.last), french);
    expectFrench('Phones : votre adresse e-mail a changé', 'prévenez');
    await setFirstPassword(api, account, french);
    expectFrench('Phones : votre mot de passe a été défini', 'un mot de passe a été défini');
  });
});
