import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import handlebars from 'handlebars';
import Negotiator from 'negotiator';

/** A template of the operator's cannot be used. */
export class TemplateInvalid extends Error {
  constructor(file: string, cause: unknown) {
    const reason = String(cause instanceof Error ? cause.message : cause).replace(/\s+/g, ' ');
    super(`The template ${file} cannot be used: ${reason.slice(0, 200)}`, { cause });
  }
}

type Values = Readonly<Record<string, string>>;
type Render = (values: Values) => string;

/** The texts that come with the service. */
const OURS = join(__dirname, 'templates');
const DEFAULT_LANGUAGE = 'en';
/** Stands around every HTML text. */
const LAYOUT = 'layout.html';

/**
 * The texts of messages, in every language there is a folder for: `<language>/mail/<name>.txt`, `.html`, and
 * `<language>/sms/<name>.txt`. A file in the operator's folder stands in for ours of the same name, and further folders
 * add languages. Read once, at start.
 *
 * They are Handlebars; what they ask for must exist, and stands escaped in HTML.
 */
export class Templates {
  private readonly renderers = new Map<string, Render>();
  /** What each file asks for. */
  private readonly names = new Map<string, readonly string[]>();
  /** Every language that has some text. */
  readonly languages: readonly string[];

  /**
   * @param folder the operator's, or null.
   * @throws TemplateInvalid.
   */
  constructor(private readonly folder: string | null) {
    const engine = handlebars.create();
    const files = [...new Set([...filesBelow(OURS), ...(folder === null ? [] : filesBelow(folder))])];
    engine.registerPartial('layout', engine.compile(this.parse(engine, LAYOUT), { strict: true }));
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

  /**
   * Makes sure that a text, and the layout around it, can be rendered with these values.
   *
   * @param needed the name of the value that the text would be in vain without.
   * @throws TemplateInvalid if it cannot, or asks for others: in a condition too, where Handlebars would let it pass.
   */
  check(language: string, name: string, values: Values, needed?: string): void {
    const file = `${language}/${name}`;
    for (const part of [file, ...(name.endsWith('.html') ? [LAYOUT] : [])]) {
      const unknown = this.names.get(part)?.find((asked) => asked !== 'language' && !Object.hasOwn(values, asked));
      if (unknown !== undefined) throw new TemplateInvalid(part, `there is no value ${unknown} for ${file}`);
    }
    const text = this.render(language, name, values);
    if (needed !== undefined && !text.includes(values[needed] ?? '')) throw new TemplateInvalid(file, `it does not say {{${needed}}}`);
  }

  private compile(engine: typeof handlebars, file: string): Render {
    const template = engine.compile<Values>(this.parse(engine, file), { strict: true, noEscape: file.endsWith('.txt') });
    return (values) => {
      try {
        return template(values);
      } catch (error) {
        throw new TemplateInvalid(file, error);
      }
    };
  }

  /** Reads a template and remembers the values it asks for. */
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
    // Editors on Windows begin a file with a mark.
    return readFileSync(own !== '' && existsSync(own) ? own : join(OURS, file), 'utf8').replace(/^\ufeff/, '');
  }
}

/** The names of the values that a template asks for, in conditions too. */
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
