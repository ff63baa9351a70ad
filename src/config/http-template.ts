/** The values for the placeholders of a template. */
interface TemplateValues {
  /** The number in E.164 format, with its plus. */
  readonly phone: string;
  readonly message: string;
}

/** The place of a value in a request, which decides how it is escaped. */
export type Syntax = 'url' | 'form' | 'json' | 'xml' | 'header' | 'text';

const PLACEHOLDER = /\{(phone|phone_digits|message)\}/g;

const WRITERS: Record<Syntax, (value: string) => string> = {
  url: encodeURIComponent,
  form: encodeURIComponent,
  json: (value) => JSON.stringify(value).slice(1, -1),
  xml: (value) => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  // A header allows no line breaks, and few characters outside ASCII.
  header: (value) => (/^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value)),
  text: (value) => value,
};

/** Fills the values into a template: `{phone}`, `{phone_digits}` (without the plus) and `{message}`. */
export function fillTemplate(template: string, { phone, message }: TemplateValues, syntax: Syntax): string {
  const values: Record<string, string> = { phone, phone_digits: phone.slice(1), message };
  return template.replace(PLACEHOLDER, (_placeholder, name: string) => WRITERS[syntax](values[name] ?? ''));
}

/** The names of the placeholders in a template. */
export function findPlaceholders(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/** How values are escaped in a body: by its content type, or by its first characters if there is none. */
export function bodySyntax(headers: Readonly<Record<string, string>>, body: string): Syntax {
  const type = contentType(headers) ?? typeByLook(body);
  if (/[/+]json\b/i.test(type)) return 'json';
  if (/[/+]xml\b/i.test(type)) return 'xml';
  return /form-urlencoded/i.test(type) ? 'form' : 'text';
}

/** A template may begin with a placeholder, which only looks like JSON. */
function typeByLook(body: string): string {
  if (/^\s*(\[|\{\s*["}])/.test(body)) return 'application/json';
  return /^\s*</.test(body) ? 'application/xml' : 'application/x-www-form-urlencoded';
}

/** Finds the content type among the headers, whatever the case of its name. */
export function contentType(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
}
