import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import handlebars from 'handlebars';
import Negotiator from 'negotiator';

/** A template of the operator cannot be used. */
export class TemplateInvalid extends Error {
  constructor(file: string, cause: unknown) {
    const reason = String(cause instanceof Error ? cause.message : cause).replace(/\s+/g, ' ');
    super(`The template ${file} cannot be used: ${reason.slice(0, 200)}`, { cause });
  }
}

type Values = Readonly<Record<string, string>>;
type Render = (values: Values) => string;

/** The folder of the templates that come with the service. */
const BUILT_IN_TEMPLATES = join(__dirname, 'templates');
const DEFAULT_LANGUAGE = 'en';
/** Surrounds every HTML text. */
const LAYOUT = 'layout.html';

/**
 * Templates of messages, in every language that has a folder: `<language>/mail/<name>.txt`, `.html`, and
 * `<language>/sms/<name>.txt`. A file in the operator's folder replaces ours of the same name, and further folders add
 * languages. All files are read once, at start.
 *
 * The templates are Handlebars. A value that a template uses must exist. HTML texts escape it.
 */
export class Templates {
  private readonly renderers = new Map<string, Render>();
  /** Names of the values that each file uses. */
  private readonly names = new Map<string, readonly string[]>();
  /** Every language that has at least one text. */
  readonly languages: readonly string[];

  /**
   * @param folder the folder of the operator, or null.
   * @throws TemplateInvalid.
   */
  constructor(private readonly folder: string | null) {
    const engine = handlebars.create();
    const files = [...new Set([...filesBelow(BUILT_IN_TEMPLATES), ...(folder === null ? [] : filesBelow(folder))])];
    engine.registerPartial('layout', engine.compile(this.parse(engine, LAYOUT), { strict: true }));
    for (const file of files) {
      if (/^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*\/(mail|sms)\/[a-z-]+\.(txt|html)$/.test(file))
        this.renderers.set(file, this.compile(engine, file));
    }
    const languages = [...this.renderers.keys()].map((file) => file.split('/', 1)[0] ?? '');
    this.languages = [...new Set([DEFAULT_LANGUAGE, ...languages])];
  }

  /**
   * Picks the best language in which a text exists.
   *
   * @param name such as `mail/activation.txt`.
   * @param acceptLanguage `Accept-Language` header of the request (RFC 9110 §12.5.4).
   */
  languageFor(name: string, acceptLanguage: string | undefined): string {
    const available = this.languages.filter((language) => this.has(language, name));
    return new Negotiator({ headers: { 'accept-language': acceptLanguage } }).language(available) ?? DEFAULT_LANGUAGE;
  }

  /** Whether a text exists in a language. */
  has(language: string, name: string): boolean {
    return this.renderers.has(`${language}/${name}`);
  }

  /** @throws TemplateInvalid if the text uses a value that is not given. */
  render(language: string, name: string, values: Values): string {
    const render = this.renderers.get(`${language}/${name}`);
    if (!render) throw new Error(`there is no template ${name} in ${language}`);
    return render({ ...values, language });
  }

  /**
   * Checks that a text, and the layout around it, can be rendered with these values.
   *
   * @param needed name of the value without which the text is useless.
   * @throws TemplateInvalid if the text cannot be rendered, lacks the needed value, or uses other values. This includes
   * values in conditions, which Handlebars would accept.
   */
  check(language: string, name: string, values: Values, needed?: string): void {
    const file = `${language}/${name}`;
    for (const part of [file, ...(name.endsWith('.html') ? [LAYOUT] : [])]) {
      const unknown = this.names.get(part)?.find((asked) => asked !== 'language' && !Object.hasOwn(values, asked));
      if (unknown !== undefined) throw new TemplateInvalid(part, `there is no value ${unknown} for ${file}`);
    }
    const text = this.render(language, name, values);
    if (needed !== undefined && !text.includes(values[needed] ?? ''))
      throw new TemplateInvalid(file, `it does not say {{${needed}}}`);
  }

  private compile(engine: typeof handlebars, file: string): Render {
    const template = engine.compile<Values>(this.parse(engine, file), {
      strict: true,
      noEscape: file.endsWith('.txt'),
    });
    return (values) => {
      try {
        return template(values);
      } catch (error) {
        throw new TemplateInvalid(file, error);
      }
    };
  }

  /** Parses a template and records the values that it uses. */
  private parse(engine: typeof handlebars, file: string): hbs.AST.Program {
    try {
      const program = engine.parse(this.read(file));
      this.names.set(file, namesIn(program));
      return program;
    } catch (error) {
      throw new TemplateInvalid(file, error);
    }
  }

  private read(file: string): string {
    const own = this.folder === null ? '' : join(this.folder, file);
    // Editors on Windows begin a file with a byte order mark.
    return readFileSync(own !== '' && existsSync(own) ? own : join(BUILT_IN_TEMPLATES, file), 'utf8').replace(
      /^\ufeff/,
      '',
    );
  }
}

/** Names of the values that a template uses, in conditions too. */
function namesIn(program: hbs.AST.Program): string[] {
  const names = new Set<string>();
  const visitor = new handlebars.Visitor();
  const visitParameters = ({ params, hash }: { params: hbs.AST.Expression[]; hash?: hbs.AST.Hash }) => {
    visitor.acceptArray(params);
    if (hash) visitor.accept(hash);
  };
  visitor.PathExpression = ({ data, parts }) => {
    const [first] = parts;
    if (!data && first !== undefined) names.add(String(first));
  };
  visitor.PartialBlockStatement = (block) => {
    visitParameters(block);
    visitor.accept(block.program);
  };
  visitor.PartialStatement = visitParameters;
  visitor.BlockStatement = (block) => {
    visitParameters(block);
    visitor.accept(block.program);
    if (block.inverse) visitor.accept(block.inverse);
  };
  visitor.MustacheStatement = (statement) => {
    visitParameters(statement);
    if (statement.params.length === 0) visitor.accept(statement.path);
  };
  visitor.accept(program);
  return [...names];
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.split(sep).join('/'));
  } catch (error) {
    throw new TemplateInvalid(folder, error);
  }
}
