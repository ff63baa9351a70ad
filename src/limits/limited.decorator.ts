import { SetMetadata } from '@nestjs/common';
import type { LimitName } from '../config/groups/limits.js';

export const LIMITED = 'limits:source';

/**
 * Limits the calls of a route by source address. On a route that requires a caller, only accepted calls count: a client
 * that first asks for a challenge makes two requests for one call.
 */
export const LimitedBySource = (limit: LimitName) => SetMetadata(LIMITED, limit);

export const LIMITED_TARGET = 'limits:target';

/** Limits failed calls for the SIP address in the path of a route, its `:sip`. */
export const LimitedByTarget = (limit: LimitName) => SetMetadata(LIMITED_TARGET, limit);
