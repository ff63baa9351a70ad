/**
 * Asks the service in this container how it is, and ends with 0 if all is well: `node healthcheck.mjs live`, or `ready`.
 * A script of its own, because the image has no curl, and small, because it is run every few seconds.
 */
import { get } from 'node:http';

const [question = 'live'] = process.argv.slice(2);

get({ host: '127.0.0.1', port: process.env.PORT || 3000, path: `/health/${question}` }, ({ statusCode }) => {
  process.exit(statusCode === 200 ? 0 : 1);
}).on('error', () => process.exit(1));
