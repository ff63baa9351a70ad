import * as fc from 'fast-check';
import { Templates } from './templates.js';

describe('The language of a text', () => {
  const templates = new Templates(null);
  const languageFor = (wanted: string | undefined) => templates.languageFor('mail/activation.txt', wanted);

  it('is one of ours whatever is wanted', () => {
    const part = fc.constantFrom(
      'fr',
      'en',
      'de',
      '*',
      '-',
      'CA',
      ';',
      'q=',
      '0',
      '1',
      '.5',
      ',',
      ' ',
      'x',
      '__proto__',
      '\u00e9',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        expect(['en', 'fr']).toContain(languageFor(parts.join('')));
      }),
    );
  });

  it('is English where nothing is wanted, or the text is there in no language', () => {
    expect(languageFor(undefined)).toBe('en');
    expect(templates.languageFor('mail/nothing.txt', 'fr')).toBe('en');
  });

  it('is the one of the highest weight', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 }), (french, english) => {
        fc.pre(french !== english);
        const wanted = `fr;q=${french / 1000}, en;q=${english / 1000}`;
        expect(languageFor(wanted)).toBe(french > english ? 'fr' : 'en');
      }),
    );
  });
});

describe('The texts that come with the service', () => {
  const templates = new Templates(null);

  it('are all there in every language', () => {
    const names = ['activation', 'email-confirmation', 'email-changed', 'password-set'].flatMap((kind) => [
      `mail/${kind}.txt`,
      `mail/${kind}.html`,
    ]);
    expect([...templates.languages].toSorted()).toEqual(['en', 'fr']);
    for (const language of templates.languages) {
      for (const name of [...names, 'sms/activation.txt', 'sms/phone-confirmation.txt']) {
        expect(`${language}/${name}: ${templates.has(language, name)}`).toBe(`${language}/${name}: true`);
      }
    }
  });

  it('refuse to be written without a value, and tell which text it is', () => {
    expect(() => templates.render('fr', 'sms/activation.txt', { application: 'x' })).toThrow(
      /^The template fr\/sms\/activation\.txt cannot be used: .*code/,
    );
  });
});
