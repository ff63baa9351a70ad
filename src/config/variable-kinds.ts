import { X509Certificate } from 'node:crypto';
import { z } from 'zod';

/** A whole number in a range. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

/** One of several words. */
export const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, `must be ${names.map((name) => `"${name}"`).join(' or ')}`);

/** Items separated by commas, blanks around them dropped, each checked. */
export const list = (isValid: (item: string) => boolean, message: string) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    )
    .refine((items) => items.length > 0 && items.every(isValid), message);

/** Text that may stand in a mail header or on a page: at most so many characters, none of them a control character. */
export const lineOfText = (most: number) =>
  z
    .string()
    .max(most, `must have at most ${most} characters`)
    .regex(/^\P{Cc}+$/u, 'must not hold control characters');

/** Nothing that calls URLs here takes credentials in them, and they would get into the log. */
export function hasNoCredentials({ username, password }: URL): boolean {
  return username === '' && password === '';
}

/** An http or https URL without query, without a slash at its end. */
export const baseUrl = z
  .string()
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && hasNoCredentials(url);
  }, 'must be an http or https URL without query, like https://example.org/flexiapi')
  .transform((text) => text.replace(/\/+$/, ''));

/** Text that a test accepts; what it throws counts as a no. */
export const textThat = (isValid: (text: string) => boolean, message: string) =>
  z.string().refine((text) => {
    try {
      return isValid(text);
    } catch {
      return false;
    }
  }, message);

/** Certificates, one or several, PEM. */
export const certificates = textThat((pem) => new X509Certificate(pem).subject !== '', 'must be certificates, PEM');
