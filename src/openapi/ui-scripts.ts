import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/** The page loads the first, which imports the others. */
const PLUGIN = 'plugin.js';
const SCRIPTS = [PLUGIN, 'digest.js', 'hashes.js'];

/**
 * Serves the scripts that teach Swagger UI Digest.
 *
 * @param path where to; below the page, so that its security headers apply.
 * @returns the path of the one that the page loads.
 */
export function serveUiScripts(fastify: FastifyInstance, path: string): string {
  for (const name of SCRIPTS) {
    const script = readFileSync(join(__dirname, 'ui', name));
    fastify.get(`${path}/${name}`, (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script));
  }
  return `${path}/${PLUGIN}`;
}
