import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version of this service: that of the package, of the published document, and of `flexisip-api --version`. */
export const VERSION = versionOfPackage(__dirname);

/** Sources and what is built of them are not equally deep in the package. */
function versionOfPackage(folder: string): string {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return versionOfPackage(dirname(folder));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
