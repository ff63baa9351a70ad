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
      const advice = 'Set APP_URL to the address that clients use, unless all clients are on this machine.';
      verdicts.push(
        warning(
          `${publicUrl}${this.isGiven ? '' : ' (APP_URL is not set)'} is only reachable from this machine`,
          advice,
        ),
      );
    } else if (protocol === 'http:') {
      verdicts.push(
        warning(
          `${publicUrl} is not encrypted: API keys and tokens can be read in transit`,
          'Put a TLS proxy in front and set APP_URL.',
        ),
      );
    }
    if (publicPath.endsWith('/api')) {
      verdicts.push(
        warning(`${publicUrl} ends in /api, so the routes are below ${publicPath}/api`, 'Remove /api from APP_URL.'),
      );
    }
    if (protocol === 'https:' && trustedProxies.length === 0 && isLoopback(host)) {
      const advice = 'Set TRUST_PROXY to the address of the reverse proxy: 127.0.0.1 if it runs on this machine.';
      verdicts.push(warning('no proxy is trusted, so limits count all callers as one: the reverse proxy', advice));
    }
    return verdicts.length > 0 ? verdicts : [ok(publicUrl)];
  }
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host);
}
