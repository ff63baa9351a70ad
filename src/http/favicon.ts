import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The icon of all pages, SVG. */
export const FAVICON = readFileSync(join(__dirname, 'favicon.svg'));

/**
 * Path below the public path. It lies beside the pages, so that a proxy that forwards the pages forwards the icon too.
 */
export const FAVICON_PATH = '/account/favicon.svg';
