/**
 * Checks the service in this container, and ends with 0 if it is healthy: `node healthcheck.mjs live`, or `ready`. It
 * is a script, because the image has no curl. It is small, because it runs every few seconds.
 */
import { get } from 'node:http';

const [question = 'live'] = process.argv.slice(2);

get({ host: '127.0.0.1', port: process.env.PORT || 3000, path: `/health/${question}` }, ({ statusCode }) => {
  process.exit(statusCode === 200 ? 0 : 1);
}).on('error', () => process.exit(1));
