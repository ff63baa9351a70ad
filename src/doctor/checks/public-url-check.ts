import type { Settings } from '../../config/settings.js';
import { type Check, ok, type Verdict, warning } from '../finding.js';

/** Checks whether clients can use the public URL. */
export class PublicUrlCheck implements Check {
  readonly name = 'public URL';

  constructor(
    private readonly settings: Settings,
    private readonly isGiven: boolean,
  ) {}

  run(): Verdict[] {
    const { publicUrl, publicPath, trustedProxies, host } = this.settings;
    const { protocol, hostname } = new URL(publicUrl);
    const isHere = isLoopback(hostname);
    const verdicts: Verdict[] = [];
    if (isHere) {
      const advice = 'Unless all clients are on this machine, set APP_URL to the address that they use.';
      verdicts.push(warning(`${publicUrl}${this.isGiven ? '' : ', since APP_URL is not set,'} leads nobody else here`, advice));
    } else if (protocol === 'http:') {
      verdicts.push(
        warning(`${publicUrl} is not encrypted: API keys and tokens can be read on the way`, 'Put TLS in front, and set APP_URL.'),
      );
    }
    if (publicPath.endsWith('/api')) {
      verdicts.push(warning(`${publicUrl} ends in /api, so the routes are below ${publicPath}/api`, 'Leave /api out of APP_URL.'));
    }
    if (protocol === 'https:' && trustedProxies.length === 0 && isLoopback(host)) {
      const advice = 'Set TRUST_PROXY to the address of the reverse proxy, 127.0.0.1 if it is here.';
      verdicts.push(warning('limits take all callers for the reverse proxy, since no proxy is trusted', advice));
    }
    return verdicts.length > 0 ? verdicts : [ok(publicUrl)];
  }
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);
}
