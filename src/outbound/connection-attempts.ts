import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';

/** How many addresses of a host have their turn in the time for a connection. */
const TURNS = 3;

/** The least that Node takes. */
const LEAST = 10;

/**
 * How long one address of a host is tried before the next one. Node tries them one after the other and does not come back to one:
 * the 250 ms of its default lose a server that is slow where its other address does not answer at all.
 *
 * @param milliseconds the time for the whole connection.
 */
export function attemptTimeout(milliseconds: number): number {
  return Math.max(LEAST, Math.floor(milliseconds / TURNS));
}

/**
 * Makes every connection of this process that says nothing else follow NEIGHBOUR_TIMEOUT: of fetch, HTTP/2, SMTP and Redis.
 *
 * @param seconds NEIGHBOUR_TIMEOUT.
 */
export function limitConnectionAttempts(seconds: number): void {
  setDefaultAutoSelectFamilyAttemptTimeout(attemptTimeout(seconds * 1000));
}
