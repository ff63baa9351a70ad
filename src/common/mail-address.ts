import { isEmail } from 'class-validator';

/**
 * Whether a text is one mail address that may stand in a header and in an SMTP command. A quoted local part may hold almost
 * anything (RFC 5321 §4.1.2), line breaks and other addresses among it: blanks, controls and angle brackets are not taken.
 */
export function isMailAddress(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text) && !/[<>]/.test(text) && isEmail(text, { allow_utf8_local_part: false });
}
