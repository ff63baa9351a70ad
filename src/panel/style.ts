import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The style sheet of all pages. */
export const STYLE = readFileSync(join(__dirname, 'style.css'));

/** Changes with the content of the style sheet, so browsers may cache each version forever. */
export const STYLE_VERSION = createHash('sha256').update(STYLE).digest('hex').slice(0, 12);
