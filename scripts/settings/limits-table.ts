import { limitNames, LIMITS, WINDOWS } from '../../src/config/groups/limits.js';

const HEADING = ['setting', 'default', 'counts', 'per', 'store fails'];
const TABLE = /^\| setting .*\n(?:\|.*\n)+/m;

/** `docs/limits.md` with the table of all limits as they are. */
export function withLimitsTable(page: string): string {
  if (!TABLE.test(page)) throw new Error('docs/limits.md has no table of limits');
  const rows = limitNames.map((name) => {
    const { variable, most, seconds, counts, per, withoutStore } = LIMITS[name];
    return [`\`${variable}\``, `${most} ${seconds === 600 ? 'in ' : ''}${WINDOWS[seconds]}`, counts, per, withoutStore];
  });
  return page.replace(TABLE, () => table(HEADING, rows));
}

function table(heading: readonly string[], rows: readonly string[][]): string {
  const widths = heading.map((_cell, column) => Math.max(...[heading, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], filler = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, filler)).join(' | ')} |\n`;
  return [
    line(heading),
    line(
      heading.map(() => '-'),
      '-',
    ),
    ...rows.map((row) => line(row)),
  ].join('');
}
