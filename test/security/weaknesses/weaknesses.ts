import { IN_ACCOUNTS } from './in-accounts.js';
import { IN_AUTHENTICATION } from './in-authentication.js';
import { IN_HTTP } from './in-http.js';
import { IN_PANEL } from './in-panel.js';
import type { Weakness } from './weakness.js';

/** Most of these were in the 2021 server. None is in ours: they are planted in copies of it, to see the tests fail. */
export const WEAKNESSES: readonly Weakness[] = [...IN_AUTHENTICATION, ...IN_ACCOUNTS, ...IN_HTTP, ...IN_PANEL];
