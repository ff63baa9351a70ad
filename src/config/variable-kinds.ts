import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';

/** A whole number in a range. */
export const wholeNumber = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}, without a unit`;
  return z
    .string()
    .regex(/^\d{1,10}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
    .describe(`${min} to ${max}`);
};

/** Joins names in words: `a`, `b` or `c`. */
const inWords = (names: readonly string[]) =>
  names
    .map((name) => `\`${name}\``)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' or ');

/** One of several words. */
export const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, `must be ${names.map((name) => `"${name}"`).join(' or ')}`).describe(inWords(names));

/** A switch. */
export const trueOrFalse = oneOf(['true', 'false']).transform((word) => word === 'true');

/** The part of a message after "must be". The description of a setting lists these values. */
const wanted = (message: string) => /^must be (.*)$/.exec(message)?.[1] ?? '';

/** Items separated by commas. Blanks around them are removed, and each item is checked. */
export const list = (isValid: (item: string) => boolean, message: string) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    )
    .refine((items) => items.length > 0 && items.every(isValid), message)
    .describe(wanted(message));

/** Text for a mail header or a page: at most `most` characters, none of them a control character. */
export const lineOfText = (most: number) =>
  z
    .string()
    .max(most, `must have at most ${most} characters`)
    .regex(/^\P{Cc}+$/u, 'must not hold control characters')
    .describe(`at most ${most} characters`);

/** No reader of these URLs accepts credentials in them, and they would appear in the log. */
export function hasNoCredentials({ username, password }: URL): boolean {
  return username === '' && password === '';
}

const URL_FORM = 'an http or https URL without query or credentials';

/**
 * An http or https URL without a query, in the form of the URL standard, without a slash at its end. Spellings that the
 * standard only tolerates (`https:example.org`, blanks, `..`, characters that are not escaped) are rejected: other
 * programs read them differently.
 */
export const baseUrl = z
  .string()
  .transform((text, context) => {
    const url = /^https?:\/\/[^/\\]/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
    if (!url || /[?#]/.test(text) || !hasNoCredentials(url)) {
      context.addIssue(`must be ${URL_FORM}, like https://example.org/flexiapi`);
      return z.NEVER;
    }
    const path = text.replace(/^https?:\/\/[^/]*/i, '');
    if (url.pathname.replace(/\/$/, '') !== path.replace(/\/$/, '')) {
      context.addIssue(`must have its path as it is sent: special characters percent-encoded, no blanks, no ".."`);
      return z.NEVER;
    }
    return url.href.replace(/\/+$/, '');
  })
  .describe(URL_FORM);

/** An IP address or a host name (RFC 1123 §2.1; underscores are common in the names of containers). */
const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;

/** Whether a text is an IP address or a host name. A text that ends in a number must be an address. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || (HOST_NAME.test(text) && !/(^|\.)\d+\.?$/.test(text));
}

/**
 * A host alone. A scheme, port or path would be looked up in DNS as part of the name.
 *
 * @param port the variable for the port.
 * @param socket the variable for the path of a socket, if there is one.
 */
export const host = (port: string, socket?: string) =>
  z
    .string()
    .superRefine((text, context) => {
      if (isHost(text)) return;
      context.addIssue(`must be ${hostRemedy(text, port, socket)}`);
    })
    .describe('a host name or an IP address');

function hostRemedy(text: string, port: string, socket?: string): string {
  const alone = 'a host name or an IP address';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return `${alone} alone, without "://": the port belongs into ${port}`;
  if (text.startsWith('/'))
    return socket ? `${alone}: the path of a socket belongs into ${socket}` : `${alone}, and no path`;
  if (/^\[[^\]]*\](:\d+)?$/.test(text)) return `${alone}: an IPv6 address without brackets, the port in ${port}`;
  if (/^[^:]+:\d+$/.test(text)) return `${alone} alone: the port belongs into ${port}`;
  return alone;
}

/** Text that a test accepts. If the test throws, the text is rejected. */
export const textThat = (isValid: (text: string) => boolean, message: string) =>
  z
    .string()
    .refine((text) => {
      try {
        return isValid(text);
      } catch {
        return false;
      }
    }, message)
    .describe(wanted(message));

/**
 * Why a path cannot be used as written, or null. Only a shell expands `~` and `$NAME`: here `~/data` is a folder named
 * `~`.
 */
export function mistakeInPath(path: string): string | null {
  return /^~|\$[\w{]/.test(path) ? 'must be written in full: ~ and $NAME are not filled in' : null;
}

const pathWhere = (isPath: (text: string) => boolean) =>
  z.string().superRefine((text, context) => {
    const mistake = isPath(text) ? mistakeInPath(text) : null;
    if (mistake !== null) context.addIssue(mistake);
  });

/** The path of a file or folder. */
export const path = pathWhere(() => true);

/** A text, or the path of a file that contains it. */
export const textOrPath = pathWhere((text) => /^[/~$]/.test(text));

/** The path of a file or folder that a test accepts. */
export const pathThat = (isValid: (path: string) => boolean, message: string) => path.pipe(textThat(isValid, message));

/** One or several certificates, PEM. */
export const certificates = textThat((pem) => new X509Certificate(pem).subject !== '', 'must be certificates, PEM');

/** Printable ASCII without blanks, such as an id, or a secret that is sent in a header. */
export const word = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks');

/** Text that is JSON. */
export const jsonText = (message: string) =>
  z.string().transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue(message);
      return z.NEVER;
    }
  });
