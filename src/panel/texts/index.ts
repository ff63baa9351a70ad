import Negotiator from 'negotiator';
import { en, type Texts } from './en.js';
import { fr } from './fr.js';

export type { Texts } from './en.js';

const languages: Readonly<Record<string, Texts>> = { en, fr };

/** The texts in the language that `Accept-Language` prefers (RFC 9110 §12.5.4); English if it is not available. */
export function textsFor(acceptLanguage: string | undefined): Texts {
  const language = new Negotiator({ headers: { 'accept-language': acceptLanguage } }).language(Object.keys(languages));
  return languages[language ?? 'en'] ?? en;
}
