import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { envExample } from './env-example.js';
import { withLimitsTable } from './limits-table.js';
import { settingsPage } from './settings-page.js';

/** The files that are made of the declarations of settings, and their texts. */
export function filesOfSettings(root: string): Record<string, string> {
  return {
    '.env.example': envExample(),
    'docs/settings.md': settingsPage(),
    'docs/limits.md': withLimitsTable(readFileSync(join(root, 'docs/limits.md'), 'utf8')),
  };
}
