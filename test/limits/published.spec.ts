import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { limitNames, LIMITS } from '../../src/config/groups/limits.js';

const read = (file: string) => readFileSync(join(__dirname, '../..', file), 'utf8');

describe('The documentation of limits', () => {
  it.each(limitNames)('tells the truth about %s', (name) => {
    const { variable, most, seconds, withoutStore } = LIMITS[name];
    expect(read('.env.example')).toContain(`#${variable}=${most}\n`);
    const [row = ''] = new RegExp(`^\\| \`${variable}\` .*$`, 'm').exec(read('docs/limits.md')) ?? [];
    const window = { 60: 'a minute', 600: 'in 10 min', 3600: 'an hour' }[seconds] ?? '';
    expect(row).toContain(`| ${most} `);
    expect(row).toContain(window);
    expect(row.trimEnd()).toMatch(new RegExp(`\\| ${withoutStore} +\\|$`));
  });
});
