import { isEmail } from 'class-validator';

/**
 * Whether a text is one e-mail address that is safe in a header and in an SMTP command. A quoted local part may hold
 * almost anything (RFC 5321 §4.1.2), even line breaks and other addresses. Blanks, control characters and angle
 * brackets are therefore refused.
 */
export function isEmailAddress(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text) && !/[<>]/.test(text) && isEmail(text, { allow_utf8_local_part: false });
}
