import { randomAlphanumeric } from '../common/random.js';

/** The maximum difference between the clocks of two hosts, in seconds. */
const CLOCK_SKEW = 5;

/** The maximum rounding error of a stored date, in seconds: dates are stored in whole seconds. */
const ROUNDING = 1;

/**
 * The time in seconds by which a lease outlasts the work of its holder: another process reads the stored end of the
 * lease by its own clock.
 */
export const LEASE_MARGIN = CLOCK_SKEW + ROUNDING;

/** Draws a name for the holder of a lease. No two holders have the same name. */
export function randomHolder(): string {
  return randomAlphanumeric(22);
}
