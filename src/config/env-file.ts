import { presenceOf, readTextFile } from './text-file.js';

/** A remark about `.env` for the operator. It never repeats a value: some are secrets. */
export interface EnvFileNote {
  /** The variable of the remark; null for the file or a line without a name. */
  readonly name: string | null;
  readonly message: string;
}

/** The content of the file `.env`. */
export interface EnvFile {
  /** Whether the file exists and could be read. */
  readonly isReadable: boolean;
  /** The values by variable name. */
  readonly values: Readonly<Record<string, string>>;
  /** Lines that cannot be read, or would be misread. They keep the service from starting. */
  readonly mistakes: readonly EnvFileNote[];
  /** Values that are read but may be wrong. */
  readonly warnings: readonly EnvFileNote[];
}

/** The result for a process without a file. */
export const NO_ENV_FILE: EnvFile = { isReadable: false, values: {}, mistakes: [], warnings: [] };

/** What a value may contain, by variable name. */
export interface ValueRules {
  /**
   * Whether the variable holds a secret or a certificate. A secret may contain `#` and blanks, so they are reported if
   * they follow the value.
   */
  readonly isSecret: (name: string) => boolean;
  /** Whether the value may have several lines, such as a certificate. */
  readonly mayHaveLines: (name: string) => boolean;
}

/** Reads the file `.env`. A missing file counts as empty. */
export function readEnvFile(path: string, rules: ValueRules): EnvFile {
  const presence = presenceOf(path);
  if (presence === 'absent') return NO_ENV_FILE;
  if (presence === 'hidden') {
    return {
      ...NO_ENV_FILE,
      warnings: [{ name: null, message: 'is not read: this user may not search the working folder' }],
    };
  }
  const file = readTextFile(path);
  if ('problem' in file) return { ...NO_ENV_FILE, mistakes: [{ name: null, message: file.problem }] };
  return new EnvFileParser(file.text, rules).parse();
}

/** `NAME=value`, also after `export` or with a colon, as dotenv accepts it. */
const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)(?:\s*=|:(?=\s))(.*)$/;
const BLANK_OR_COMMENT = /^\s*(#.*)?$/;
/** Control characters except line breaks and tabs. */
const CONTROL = /(?![\n\r\t])\p{Cc}/u;

/** A value, with the reason if it may be wrong; or why it cannot be read. */
type Reading = { readonly value: string; readonly doubt?: string } | { readonly mistake: string };

/**
 * Reads the dotenv format where it is unambiguous, and rejects the rest. dotenv itself cuts a value at a `#`, ignores
 * lines that it does not understand, and uses the last of two values, without a message.
 */
class EnvFileParser {
  private readonly lines: string[];
  private readonly values: Record<string, string> = {};
  private readonly lineOf = new Map<string, number>();
  private readonly mistakes: EnvFileNote[] = [];
  private readonly warnings: EnvFileNote[] = [];
  /** The index of the current line. */
  private index = 0;

  constructor(
    text: string,
    private readonly rules: ValueRules,
  ) {
    this.lines = text.split(/\r\n|\n|\r/);
  }

  parse(): EnvFile {
    while (this.index < this.lines.length) {
      const line = this.lines[this.index] ?? '';
      if (!BLANK_OR_COMMENT.test(line)) this.parseLine(line);
      this.index += 1;
    }
    return { isReadable: true, values: this.values, mistakes: this.mistakes, warnings: this.warnings };
  }

  private parseLine(line: string): void {
    const number = this.index + 1;
    const [, name, rest] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined || rest === undefined) {
      this.mistakes.push({ name: null, message: `line ${number} is not NAME=value` });
      return;
    }
    const reading = this.read(name, rest);
    const where = `line ${number} of .env`;
    if ('mistake' in reading) this.mistakes.push({ name, message: `in ${where}, ${reading.mistake}` });
    else {
      // A comment or blanks after a value are rarely part of it, unless the value is a secret.
      if (reading.doubt !== undefined && this.rules.isSecret(name))
        this.warnings.push({ name, message: `in ${where}, ${reading.doubt}` });
      this.assign(name, reading.value, number);
    }
  }

  private read(name: string, rest: string): Reading {
    const text = rest.trimStart();
    const quote = /^["'`]/.exec(text)?.[0];
    const reading = quote === undefined ? this.bare(rest) : this.quoted(name, quote, text);
    if ('mistake' in reading) return reading;
    if (/[\r\n]/.test(reading.value) && !this.rules.mayHaveLines(name))
      return { mistake: 'the value has several lines, and must be one' };
    if (quote !== "'" && /\$[{(]/.test(reading.value)) {
      return {
        mistake:
          '${…} and $(…) are not filled in: write the value itself, or put it in single quotes if it is meant as it stands',
      };
    }
    return CONTROL.test(reading.value) ? { mistake: 'the value holds a control character' } : reading;
  }

  private assign(name: string, value: string, number: number): void {
    const earlier = this.lineOf.get(name);
    // An empty value counts as not set. Before another value it changes nothing; after one, other readers take it.
    if (value === '' && earlier === undefined) return;
    if (earlier !== undefined) {
      const where = `lines ${earlier} and ${number} of .env`;
      if (this.values[name] === value) this.warnings.push({ name, message: `${where} give it twice` });
      else this.mistakes.push({ name, message: `${where} give it two values: remove one` });
    }
    this.lineOf.set(name, number);
    this.values[name] = value;
  }

  /** A value without quotes ends at the end of the line, or at a `#` after a blank. */
  private bare(rest: string): Reading {
    const comment = rest.search(/\s#/);
    const value = (comment < 0 ? rest : rest.slice(0, comment)).trim();
    if (value.includes('#')) return { mistake: 'what follows # would be left out: put the value in quotes' };
    if (/^[“”„‘’‚«»]/.test(value)) return { mistake: `the quotes are typographic: use ' or "` };
    if (value.split('"').length % 2 === 0)
      return { mistake: 'a double quote stands alone: put the value in single quotes' };
    if (value === '') return { value };
    if (comment >= 0)
      return { value, doubt: 'what follows # is taken for a comment: put the value in quotes if it is part of it' };
    const hasBlanksBehind = rest !== rest.trimEnd();
    return hasBlanksBehind
      ? { value, doubt: 'blanks at the end are left out: put the value in quotes if they are part of it' }
      : { value };
  }

  /** A value in quotes. In double quotes `\n` and `\r` are line breaks, if the variable may have several lines. */
  private quoted(name: string, quote: string, rest: string): Reading {
    const first = this.index;
    let text = rest.slice(1);
    while (!text.includes(quote) && this.index + 1 < this.lines.length) {
      this.index += 1;
      text += `\n${this.lines[this.index]}`;
    }
    const end = text.indexOf(quote);
    const behind = text.slice(end + 1);
    const mistake =
      end < 0 ? 'a quote is opened and not closed' : this.mistakeInQuotes(name, quote, text.slice(0, end), behind);
    if (mistake !== null) {
      // The lines after the first are parsed again, each by itself.
      this.index = first;
      return { mistake };
    }
    const value =
      quote === '"' ? text.slice(0, end).replaceAll('\\n', '\n').replaceAll('\\r', '\r') : text.slice(0, end);
    const doubt = `a ${quote} stands in the comment behind the value: put the value in quotes of another kind if that is part of it`;
    return behind.includes(quote) ? { value, doubt } : { value };
  }

  private mistakeInQuotes(name: string, quote: string, value: string, behind: string): string | null {
    if (value.endsWith('\\')) return 'a backslash stands before a quote: put the value in quotes of another kind';
    if (!/^\s*$|^\s+#/.test(behind)) {
      return 'text follows the closing quote: put a value that holds a quote in quotes of another kind, and a blank before a comment';
    }
    const escaped = this.rules.mayHaveLines(name) ? value.replaceAll(/(?<!\\)\\[nr]/g, '') : value;
    if (quote === '"' && escaped.includes('\\'))
      return 'a backslash stands in double quotes: put the value in single quotes';
    const isSetting = (line: string) => /^[A-Z]+_[A-Z_]+$/.test(ASSIGNMENT.exec(line)?.[1] ?? '');
    const [, ...others] = value.split('\n');
    return others.some(isSetting) ? 'a quote is opened, and closed behind other settings only' : null;
  }
}
