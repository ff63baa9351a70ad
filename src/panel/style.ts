import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The style sheet of all pages. */
export const STYLE = readFileSync(join(__dirname, 'style.css'));

/** Differs between versions of the style sheet, so that browsers may keep each for ever. */
export const STYLE_VERSION = createHash('sha256').update(STYLE).digest('hex').slice(0, 12);
