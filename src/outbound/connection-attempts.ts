import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';

/** How many addresses of a host are tried within the time for a connection. */
const TURNS = 3;

/** The least number of milliseconds that Node accepts. */
const LEAST = 10;

/**
 * Returns the milliseconds for one address of a host before the next one is tried. Node tries the addresses one after
 * the other and does not return to an earlier one. Its default of 250 ms misses a slow server if the other address of
 * that host does not answer at all.
 *
 * @param milliseconds the time for the whole connection.
 */
export function attemptTimeout(milliseconds: number): number {
  return Math.max(LEAST, Math.floor(milliseconds / TURNS));
}

/**
 * Makes every connection of this process that sets no timeout of its own follow NEIGHBOUR_TIMEOUT: those of fetch,
 * HTTP/2, SMTP and Redis.
 *
 * @param seconds NEIGHBOUR_TIMEOUT.
 */
export function limitConnectionAttempts(seconds: number): void {
  setDefaultAutoSelectFamilyAttemptTimeout(attemptTimeout(seconds * 1000));
}
