/** The code that activates an account: 13 characters from an e-mail, or 4 digits from an SMS (protocol §4). */
export const ACTIVATION_CODE = /^([A-Za-z0-9]{13}|\d{4})$/;

/**
 * Whether a value of `accounts.confirmation_key` is a code. Older servers store an empty text or the word `ERROR` after
 * a code is used.
 */
export function isActivationCode(stored: string | null): stored is string {
  return stored !== null && ACTIVATION_CODE.test(stored);
}
