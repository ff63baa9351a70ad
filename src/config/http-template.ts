/** What a template may ask for. */
interface TemplateValues {
  /** The number, E.164, with its plus. */
  readonly phone: string;
  readonly message: string;
}

/** Where a value stands, and so how it must be written there. */
export type Syntax = 'url' | 'form' | 'json' | 'xml' | 'header' | 'text';

const PLACEHOLDER = /\{(phone|phone_digits|message)\}/g;

const WRITERS: Record<Syntax, (value: string) => string> = {
  url: encodeURIComponent,
  form: encodeURIComponent,
  json: (value) => JSON.stringify(value).slice(1, -1),
  xml: (value) => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  // A header takes no line breaks, and little but ASCII.
  header: (value) => (/^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value)),
  text: (value) => value,
};

/** Puts the values into a template: `{phone}`, `{phone_digits}` (without the plus) and `{message}`. */
export function fillTemplate(template: string, { phone, message }: TemplateValues, syntax: Syntax): string {
  const values: Record<string, string> = { phone, phone_digits: phone.slice(1), message };
  return template.replace(PLACEHOLDER, (_placeholder, name: string) => WRITERS[syntax](values[name] ?? ''));
}

/** The names that a template asks for. */
export function findPlaceholders(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/** How values must be written in a body, by its content type, or by its look where none is given. */
export function bodySyntax(headers: Readonly<Record<string, string>>, body: string): Syntax {
  const type = contentType(headers) ?? typeByLook(body);
  if (/[/+]json\b/i.test(type)) return 'json';
  if (/[/+]xml\b/i.test(type)) return 'xml';
  return /form-urlencoded/i.test(type) ? 'form' : 'text';
}

/** A template may begin with a placeholder, which looks like JSON at the first glance only. */
function typeByLook(body: string): string {
  if (/^\s*(\[|\{\s*["}])/.test(body)) return 'application/json';
  return /^\s*</.test(body) ? 'application/xml' : 'application/x-www-form-urlencoded';
}

/** The content type among some headers, whatever the case of its name. */
export function contentType(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
}
