import { allExtensions } from 'dependency-cruiser';

/**
 * The layers of `src`, from the lowest to the highest (docs/architecture.md). A folder may import from lower layers only. Folders of one layer
 * do not import each other. `npm run layers` checks it.
 */
const LAYERS = [
  ['common'],
  ['config'],
  ['logging', 'metrics'],
  ['outbound'],
  ['database'],
  ['digest', 'http'],
  ['jobs'],
  ['directory', 'events', 'limits', 'deliveries', 'messages'],
  ['mail', 'sms', 'push', 'captcha'],
  ['auth', 'verification'],
  ['tokens', 'devices'],
  ['accounts'],
  ['admin'],
  ['openapi', 'health', 'panel'],
  ['app'],
  ['process', 'doctor'],
  ['cli'],
];

const folders = LAYERS.flat();
const anyOf = (names) => `^src/(${names.join('|')})/`;

/** What a folder must not import: all of its own layer but itself, and all above. */
const rules = LAYERS.flatMap((layer, floor) => {
  const notBelow = LAYERS.slice(floor).flat();
  return layer.map((folder) => ({
    name: `${folder}-imports-lower-layers-only`,
    severity: 'error',
    from: { path: anyOf([folder]) },
    to: { path: [anyOf(notBelow.filter((other) => other !== folder)), '^src/[^/]+$'] },
  }));
});

// Without a TypeScript that it knows, dependency-cruiser skips all of src and finds nothing wrong.
if (!allExtensions.find(({ extension }) => extension === '.ts')?.available)
  throw new Error('dependency-cruiser cannot read TypeScript');

export default {
  forbidden: [
    ...rules,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every-folder-has-a-layer',
      comment: 'Add the folder to LAYERS in .dependency-cruiser.mjs.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: anyOf(folders) },
      to: {},
    },
    {
      name: 'src-imports-nothing-of-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(test|bench|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types count: whoever reads a file must look there too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js'] },
  },
};
