/** What activates an account: 13 characters from a mail, or 4 digits from an SMS (protocol §4). */
export const ACTIVATION_CODE = /^([A-Za-z0-9]{13}|\d{4})$/;

/**
 * Whether what `accounts.confirmation_key` holds is a code. Older servers leave an empty text or the word `ERROR` there
 * for a code that is spent.
 */
export function isActivationCode(stored: string | null): stored is string {
  return stored !== null && ACTIVATION_CODE.test(stored);
}
