import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder with an operator's own texts, for MESSAGE_TEMPLATES. */
export class TextFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'flexisip-api-texts-'));

  /** @param files their contents, by their paths in the folder. */
  constructor(files: Record<string, string | Buffer>) {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, file)), { recursive: true });
      writeFileSync(join(this.path, file), content);
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
