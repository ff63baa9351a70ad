// `npm run graph`: prints which folder of src imports from which, the number of imports, and totals.
// `npm run graph -- FOLDER` does the same for another checkout of this repository.
import { cruise } from 'dependency-cruiser';
import layers from '../.dependency-cruiser.mjs';

const [baseDir = '.'] = process.argv.slice(2);
const { output } = await cruise(['src'], { ...layers.options, baseDir, exclude: { path: '\\.spec\\.ts$' } });

/** The folder of `src/accounts/dto/x.ts` is `accounts`; that of a file directly in `src` is `(src)`. */
const folderOf = (path) => /^src\/([^/]+)\//.exec(path)?.[1] ?? '(src)';

const arrows = new Map();
for (const { source, dependencies } of output.modules) {
  for (const { resolved } of dependencies) {
    const [from, to] = [folderOf(source), folderOf(resolved)];
    if (!resolved.startsWith('src/') || from === to) continue;
    const targets = arrows.get(from) ?? new Map();
    arrows.set(from, targets.set(to, (targets.get(to) ?? 0) + 1));
  }
}

/** All folders that one folder reaches by its imports. */
function reachableFrom(start) {
  const found = new Set();
  const next = [start];
  while (next.length > 0) {
    for (const to of arrows.get(next.pop())?.keys() ?? []) {
      if (found.has(to)) continue;
      found.add(to);
      next.push(to);
    }
  }
  return found;
}

const all = [
  ...new Set(output.modules.filter(({ source }) => source.startsWith('src/')).map(({ source }) => folderOf(source))),
].sort();
for (const from of all) {
  const targets = all.filter((to) => arrows.get(from)?.has(to));
  console.log(`${from.padEnd(12)}${targets.map((to) => `${to} ${arrows.get(from).get(to)}`).join(', ')}`);
}
const pairs = all.flatMap((from) =>
  all.filter((to) => from < to && arrows.get(from)?.has(to) && arrows.get(to)?.has(from)),
);
const inCircles = all.filter((one) => reachableFrom(one).has(one));
const count = [...arrows.values()].reduce((sum, targets) => sum + targets.size, 0);
console.log(`\n${all.length} folders, ${count} arrows between them, ${pairs.length} pairs that import each other`);
console.log(
  `${inCircles.length} folders are part of a circle${inCircles.length > 0 ? `: ${inCircles.join(', ')}` : ''}`,
);
