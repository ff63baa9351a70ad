// `npm run licences`: writes docs/licences.md, the licences of the shipped packages. With `-- --check` it only
// compares.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'docs/licences.md';
/** Licences that demand only to be named. */
const PERMISSIVE = /^(0BSD|Apache-2\.0|BlueOak-1\.0\.0|BSD-[23]-Clause|CC0-1\.0|ISC|MIT|MIT-0|Python-2\.0|WTFPL)$/;

const shipped = JSON.parse(execFileSync('npm', ['query', '.prod'], { encoding: 'utf8', maxBuffer: 1e9 })).filter(
  ({ location }) => location !== '',
);
/** Packages without a licence in package.json, with the licence that their readme prints. */
const IN_README = { pause: 'MIT' };

const packagesOf = new Map();
for (const { name, license, licenses } of shipped) {
  // Packages from before 2014 have `licenses`.
  const licence = license ?? licenses?.map(({ type }) => type).join(' OR ') ?? IN_README[name] ?? 'unknown';
  packagesOf.set(licence, (packagesOf.get(licence) ?? new Set()).add(name));
}

const refused = [...packagesOf.keys()].filter(
  (licence) =>
    !licence
      .replace(/[()]/g, '')
      .split(' OR ')
      .some((one) => PERMISSIVE.test(one)),
);
if (refused.length > 0) {
  console.error(
    `Not known to be permissive: ${refused.map((licence) => `${licence} (${[...packagesOf.get(licence)].join(', ')})`).join('; ')}`,
  );
  process.exit(1);
}

const rows = [...packagesOf]
  .sort(([one], [other]) => (one < other ? -1 : 1))
  .map(([licence, names]) => `**${licence}**: ${[...names].sort().join(', ')}.\n`);
const text = `# Licences of what ships\n\nMade by \`npm run licences\` from the installed packages that \`npm ci --omit=dev\` would install.\n\n${rows.join('\n')}`;
if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} is not what is installed: run npm run licences`);
  process.exit(1);
}
