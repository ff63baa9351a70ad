import { SetMetadata } from '@nestjs/common';
import type { LimitName } from '../config/groups/limits.js';

export const LIMITED = 'limits:source';

/**
 * Limits the calls of a route from one source address. On a route that is not public, only those count that are allowed in:
 * a client that asks for a challenge first makes two requests for one call.
 */
export const LimitedBySource = (limit: LimitName) => SetMetadata(LIMITED, limit);

export const LIMITED_TARGET = 'limits:target';

/** Limits the calls for the SIP address in the path of a route, its `:sip`: so many may have failed. */
export const LimitedByTarget = (limit: LimitName) => SetMetadata(LIMITED_TARGET, limit);
