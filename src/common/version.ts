import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version in `package.json`, in the published document and in `flexisip-api --version`. */
export const VERSION = versionOfPackage(__dirname);

/** Searches upwards: sources and their build output lie at different depths of the package. */
function versionOfPackage(folder: string): string {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return versionOfPackage(dirname(folder));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
