import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Api } from '../support/api.js';
import { FakeOvh, OVH_KEYS } from '../support/external/fake-ovh.js';
import { activate, codeIn, confirmPhone, requestPhone, signUp, uniquePhone } from './phone-routes.js';

const ENGLISH = {
  activation: /^Flexisip API: your activation code is \d{4}$/,
  phone: /^Flexisip API: the code to confirm your number is \d{4}$/,
};
const FRENCH = {
  activation: /^Flexisip API : votre code d'activation est \d{4}$/,
  phone: /^Flexisip API : le code pour confirmer votre numéro est \d{4}$/,
};

describe('The texts of SMS', () => {
  // OVH is told the alphabet of every message, so its fake sees what was decided.
  let ovh: FakeOvh;
  let api: Api;
  let folder: string;

  const start = async (environment: Record<string, string> = {}) => {
    api = await Api.start({
      environment: {
        RATE_LIMITS: 'off',
        SMS_DRIVER: 'ovh',
        OVH_APP_KEY: OVH_KEYS.application,
        OVH_APP_SECRET: OVH_KEYS.secret,
        OVH_APP_CONSUMER_KEY: OVH_KEYS.consumer,
        OVH_APP_SENDER: 'Flexisip',
        OVH_APP_ENDPOINT: ovh.url,
        ...environment,
      },
      real: ['sms'],
    });
  };
  const restart = (environment: Record<string, string>) => api.stop().then(() => start(environment));

  beforeAll(async () => {
    ovh = await FakeOvh.start();
    folder = mkdtempSync(join(tmpdir(), 'flexisip-api-texts-'));
    await start();
  });
  beforeEach(() => ovh.forget());
  afterAll(async () => {
    await api.stop();
    await ovh.stop();
    rmSync(folder, { recursive: true });
  });

  const headersOf = (language: string | undefined): Record<string, string> =>
    language === undefined ? {} : { 'accept-language': language };
  const last = () => ovh.jobs.at(-1)?.job as { message: string; coding: string };

  /** The text that activates a new account, its code taken by the next call. */
  async function activationText(language?: string): Promise<string> {
    const phone = uniquePhone(api);
    const { body, answer } = await signUp(api, phone, headersOf(language));
    expect(answer.status).toBe(200);
    const { message } = last();
    expect((await activate(api, body.username, codeIn(message))).json).toMatchObject({ activated: true, phone });
    return message;
  }

  /** The text that proves a new number, its code taken by the next call. */
  async function phoneText(language?: string): Promise<string> {
    const account = await api.given.account();
    const phone = uniquePhone(api);
    expect((await requestPhone(api, account, phone, headersOf(language))).status).toBe(200);
    const { message } = last();
    expect((await confirmPhone(api, account, codeIn(message))).json.phone).toBe(phone);
    return message;
  }

  it.each<[string | undefined, typeof ENGLISH]>([
    [undefined, ENGLISH],
    ['', ENGLISH],
    ['en', ENGLISH],
    ['fr', FRENCH],
    ['FR', FRENCH],
    ['fr-CA', FRENCH],
    ['fr-FR,fr;q=0.9,en;q=0.8', FRENCH],
    ['en-GB, fr;q=0.5', ENGLISH],
    ['de, fr;q=0.3', FRENCH],
    ['de', ENGLISH],
    ['fr;q=0', ENGLISH],
    ['*', ENGLISH],
    [';;,,q=', ENGLISH],
    ['../../fr', ENGLISH],
    ['__proto__', ENGLISH],
  ])('speak the language that is asked for: %p', async (language, expected) => {
    expect(await activationText(language)).toMatch(expected.activation);
    expect(last().coding).toBe('7bit');
    expect(await phoneText(language)).toMatch(expected.phone);
    expect(last().coding).toBe('7bit');
  });

  it('answer even where thousands of languages are asked for', async () => {
    const languages = Array.from({ length: 1_500 }, (_, index) => `x${index}`).join(',');
    expect(await phoneText(`${languages.slice(0, 8_000)},fr`)).toMatch(FRENCH.phone);
  });

  describe.each(['en', 'fr'])('in %s', (language) => {
    it('fit into one SMS with the longest name there can be, in the alphabet', async () => {
      await restart({ APP_NAME: 'Äé@£_'.padEnd(64, 'ñÜß&') });
      for (const text of [await activationText(language), await phoneText(language)]) {
        expect(text.length).toBeLessThanOrEqual(160);
        expect(text).toContain('Äé@£_');
      }
      expect(ovh.jobs.map(({ job }) => job.coding)).toEqual(['7bit', '7bit']);
    });

    it('keep to the alphabet where only the typography of the name leaves it', async () => {
      await restart({ APP_NAME: '« L’Été » – “phone”…' });
      for (const text of [await activationText(language), await phoneText(language)])
        expect(text).toMatch(/^" L'Été " - "phone"\.\.\. ?: /);
      expect(ovh.jobs.map(({ job }) => job.coding)).toEqual(['7bit', '7bit']);
    });

    it('leave it for a name that needs others, of which nothing is lost', async () => {
      await restart({ APP_NAME: 'Téléphonie d’Être ☎️ <&>"' });
      for (const text of [await activationText(language), await phoneText(language)])
        expect(text).toMatch(/^Téléphonie d’Être ☎️ <&>" ?: /);
      expect(ovh.jobs.map(({ job }) => job.coding)).toEqual(['8bit', '8bit']);
    });
  });

  it('do not run a name that looks like a template', async () => {
    await restart({ APP_NAME: '{{code}} {{{code}}} {message} {phone}' });
    expect(await phoneText()).toMatch(
      /^\{\{code\}\} \{\{\{code\}\}\} \{message\} \{phone\}: the code to confirm your number is \d{4}$/,
    );
  });

  describe('of the operator’s', () => {
    const write = (file: string, text: string) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    afterEach(() => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    });

    it('stand in for ours, one by one, and add languages', async () => {
      write('fr/sms/activation.txt', '\n  Bienvenue… {{application}} & {{code}}\n\n');
      write('de/sms/activation.txt', 'Aktivierung: {{code}}');
      await restart({ MESSAGE_TEMPLATES: folder });
      expect(await activationText('fr')).toMatch(/^Bienvenue\.\.\. Flexisip API & \d{4}$/);
      expect(await activationText('de-AT')).toMatch(/^Aktivierung: \d{4}$/);
      expect(await activationText('en')).toMatch(ENGLISH.activation);
      expect(await phoneText('fr')).toMatch(FRENCH.phone);
      expect(await phoneText('de, fr;q=0.5')).toMatch(FRENCH.phone);
      expect(await phoneText('de')).toMatch(ENGLISH.phone);
    });
  });
});
