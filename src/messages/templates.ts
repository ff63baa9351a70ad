import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import handlebars from 'handlebars';
import Negotiator from 'negotiator';

/** A template of the operator's cannot be used. */
export class TemplateInvalid extends Error {
  constructor(file: string, cause: unknown) {
    const [reason] = String(cause instanceof Error ? cause.message : cause).split('\n', 1);
    super(`The template ${file} cannot be used: ${reason}`, { cause });
  }
}

type Values = Readonly<Record<string, string>>;
type Render = (values: Values) => string;

/** The texts that come with the service. */
const OURS = join(__dirname, 'templates');
const DEFAULT_LANGUAGE = 'en';

/**
 * The texts of messages, in every language there is a folder for: `<language>/mail/<name>.txt`, `.html`, and
 * `<language>/sms/<name>.txt`. A file in the operator's folder stands in for ours of the same name, and further folders
 * add languages. Read once, at start.
 *
 * They are Handlebars; what they ask for must exist, and stands escaped in HTML.
 */
export class Templates {
  private readonly renderers = new Map<string, Render>();
  /** Every language that has some text. */
  readonly languages: readonly string[];

  /**
   * @param folder the operator's, or null.
   * @throws TemplateInvalid.
   */
  constructor(private readonly folder: string | null) {
    const engine = handlebars.create();
    const files = [...new Set([...filesBelow(OURS), ...(folder === null ? [] : filesBelow(folder))])];
    engine.registerPartial('layout', this.read('layout.html'));
    for (const file of files) {
      if (/^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*\/(mail|sms)\/[a-z-]+\.(txt|html)$/.test(file))
        this.renderers.set(file, this.compile(engine, file));
    }
    const languages = [...this.renderers.keys()].map((file) => file.split('/', 1)[0] ?? '');
    this.languages = [...new Set([DEFAULT_LANGUAGE, ...languages])];
  }

  /**
   * The best language for somebody in which there is a text.
   *
   * @param name such as `mail/activation.txt`.
   */
  languageFor(name: string, acceptLanguage: string | undefined): string {
    const available = this.languages.filter((language) => this.has(language, name));
    return new Negotiator({ headers: { 'accept-language': acceptLanguage } }).language(available) ?? DEFAULT_LANGUAGE;
  }

  /** Whether there is a text in a language. */
  has(language: string, name: string): boolean {
    return this.renderers.has(`${language}/${name}`);
  }

  /** @throws TemplateInvalid if the text asks for a value that it is not given. */
  render(language: string, name: string, values: Values): string {
    const render = this.renderers.get(`${language}/${name}`);
    if (!render) throw new Error(`there is no template ${name} in ${language}`);
    return render({ ...values, language });
  }

  private compile(engine: typeof handlebars, file: string): Render {
    const source = this.read(file);
    const template = engine.compile<Values>(source, { strict: true, noEscape: file.endsWith('.txt') });
    return (values) => {
      try {
        return template(values);
      } catch (error) {
        throw new TemplateInvalid(file, error);
      }
    };
  }

  private read(file: string): string {
    const own = this.folder === null ? '' : join(this.folder, file);
    return readFileSync(own !== '' && existsSync(own) ? own : join(OURS, file), 'utf8');
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.split(sep).join('/'));
}
