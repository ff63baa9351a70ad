import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The icon of all pages, SVG. */
export const FAVICON = readFileSync(join(__dirname, 'favicon.svg'));

/** Where it is, below the public path: with the pages, so that a proxy that passes them on passes it on too. */
export const FAVICON_PATH = '/account/favicon.svg';
