import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/** The script that the page loads. It imports the others. */
const PLUGIN = 'plugin.js';
const SCRIPTS = [PLUGIN, 'digest.js', 'hashes.js'];

/**
 * Serves the scripts that add Digest to Swagger UI.
 *
 * @param path URL path of the scripts. It is below the page, so that the security headers of the page apply.
 * @returns the path of the script that the page loads.
 */
export function serveUiScripts(fastify: FastifyInstance, path: string): string {
  for (const name of SCRIPTS) {
    const script = readFileSync(join(__dirname, 'ui', name));
    fastify.get(`${path}/${name}`, (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script));
  }
  return `${path}/${PLUGIN}`;
}
