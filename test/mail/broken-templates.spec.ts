import { MailTexts } from '../../src/mail/mail-texts.js';
import { Templates } from '../../src/messages/templates.js';
import { runNode, SERVICE } from '../support/cli.js';
import { TextFolder } from '../support/text-folder.js';

const GOOD = 'Subject: {{application}}\n\n{{code}}\n';

async function withTexts<T>(files: Record<string, string>, work: (texts: TextFolder) => T | Promise<T>): Promise<T> {
  const texts = new TextFolder(files);
  try {
    return await work(texts);
  } finally {
    texts.remove();
  }
}

const textsIn = (folder: string) =>
  new MailTexts(new Templates(folder), { application: 'Phones', signature: 'us', folder });

describe('A text of an operator that cannot be used', () => {
  /** What is said against the texts when they are read. */
  const complaint = (files: Record<string, string>) =>
    withTexts(files, ({ path }) => {
      try {
        textsIn(path);
        return 'nothing';
      } catch (error) {
        return String(error);
      }
    });

  it.each([
    ['asks for a value that there is not', 'en/mail/activation.txt', 'Subject: x\n\n{{password}}\n'],
    ['asks for a value of another mail', 'en/mail/password-set.txt', 'Subject: x\n\n{{code}}\n'],
    ['asks for it in the subject', 'fr/mail/activation.txt', 'Subject: {{titre}}\n\n{{code}}\n'],
    ['asks for it in HTML', 'fr/mail/activation.html', '{{#> layout}}{{prenom}}{{/layout}}'],
    ['asks for it where there is a value', 'en/mail/activation.txt', `${GOOD}{{#if code}}{{password}}{{/if}}`],
    ['asks for it in a list', 'en/mail/activation.txt', `${GOOD}{{#each codes}}x{{/each}}`],
    ['asks whether there is such a value', 'en/mail/activation.txt', `${GOOD}{{#if password}}x{{/if}}`],
    ['is no Handlebars', 'en/mail/email-changed.html', '{{#if account}}<p>'],
    ['includes what there is not', 'en/mail/activation.html', '{{> letterhead}}'],
    ['calls a helper that there is not', 'en/mail/activation.txt', `${GOOD}{{upper code}}`],
    ['belongs to a new language', 'pt-BR/mail/activation.txt', 'Subject: x\n\n{{codigo}}\n'],
    ['stands around all others', 'layout.html', '<p>{{logo}}</p>{{> @partial-block }}'],
    ['stands around all others and is no Handlebars', 'layout.html', '<p>{{#if}</p>{{> @partial-block }}'],
  ])('is named at start: one that %s (%s)', async (_what, file, text) => {
    expect(await complaint({ [file]: text })).toMatch(new RegExp(`^Error: The template ${file} cannot be used: .`));
  });

  it('is named at start where it is a folder', async () => {
    expect(await complaint({ 'en/mail/activation.txt/x': '' })).toMatch(
      /^Error: The template en\/mail\/activation\.txt cannot be used: ./,
    );
  });

  it('is none where it begins with the mark that editors on Windows set', async () => {
    const subject = await withTexts({ 'en/mail/activation.txt': `\ufeff${GOOD}` }, ({ path }) => {
      return textsIn(path).write({ kind: 'activation', to: '', account: '', code: 'abc', expires: new Date() }).subject;
    });
    expect(subject).toBe('Phones');
  });

  it('is none where it only says the same again, or less', async () => {
    expect(await complaint({ 'en/mail/activation.txt': GOOD, 'nl/mail/activation.txt': GOOD })).toBe('nothing');
    expect(await complaint({})).toBe('nothing');
  });

  it.each([
    ['en/mail/activation.txt', 'Subject: x\n\n{{password}}\n'],
    ['en/mail/email-changed.html', '{{#if account}}<p>'],
    ['pt-BR/mail/activation.txt', 'Subject: x\n\n{{codigo}}\n'],
  ])('keeps the service from starting, which says so in a line: %s', async (file, text) => {
    const { code, stdout, stderr } = await withTexts({ [file]: text }, ({ path }) => {
      const mail = {
        MAIL_DRIVER: 'smtp',
        MAIL_HOST: '127.0.0.1',
        MAIL_FROM_ADDRESS: 'accounts@example.org',
        MESSAGE_TEMPLATES: path,
      };
      return runNode([SERVICE], { ...mail, PORT: '0', DB_DATABASE: `${path}/test.sqlite` }, path);
    });
    expect(code).toBe(1);
    expect(stdout).not.toContain('Listening');
    expect(stderr).toMatch(new RegExp(`^The template ${file} cannot be used: .*\n$`));
  });
});
