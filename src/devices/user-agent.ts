/** What a User-Agent tells about a device; null for what it does not tell. */
export interface DescribedDevice {
  readonly app: string | null;
  readonly version: string | null;
  readonly deviceName: string | null;
}

/** Parses the User-Agent of a SIP app, such as `LinphoneAndroid/6.0.5 (Galaxy S21) LinphoneSDK/5.4.2`. */
export function parseUserAgent(userAgent: string): DescribedDevice {
  return { ...productOf(userAgent), deviceName: commentOf(userAgent) };
}

/** The first product. Apps for desktops have names with blanks. */
function productOf(userAgent: string): Pick<DescribedDevice, 'app' | 'version'> {
  const slash = userAgent.indexOf('/');
  const name = userAgent.slice(0, Math.max(0, slash)).trim();
  const [version] = /^[^\s()]+/.exec(userAgent.slice(slash + 1)) ?? [];
  return name === '' || /[()]/.test(name) || version === undefined
    ? { app: null, version: null }
    : { app: name, version };
}

/** The first comment. liblinphone ends it at the first closing parenthesis too. */
function commentOf(userAgent: string): string | null {
  const start = userAgent.indexOf('(');
  const end = userAgent.indexOf(')', start);
  return start === -1 || end === -1 ? null : userAgent.slice(start + 1, end).trim() || null;
}
