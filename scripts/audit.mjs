// `npm run audit`: reports known weaknesses of the shipped packages from npm's registry. A registry without an audit
// service is not an error.
import { spawnSync } from 'node:child_process';

const { status, stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=moderate'], {
  encoding: 'utf8',
});
const text = `${stdout}${stderr}`;
const isUnasked = /audit endpoint returned an error|ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENETUNREACH/.test(text);
if (status !== 0 && isUnasked) {
  console.log('The registry in use has no audit service, or was not reached: nothing was checked.');
} else {
  process.stdout.write(text);
  process.exitCode = status ?? 1;
}
