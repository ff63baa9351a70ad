/** What a page may load besides its style sheet and its icon, by directive (CSP Level 3 §6). */
export type Allowed = Readonly<Record<string, readonly string[]>>;

/** Pages load only their style sheet and icon, run no script, and cannot be framed. */
const USUAL: Allowed = {
  'default-src': ["'none'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
};

/**
 * The content security policy of a page.
 *
 * @param besides what the page may load besides.
 */
export function securityPolicy(besides: Allowed = {}): string {
  return [...new Set([...Object.keys(USUAL), ...Object.keys(besides)])]
    .map((directive) => [directive, ...(USUAL[directive] ?? []), ...(besides[directive] ?? [])].join(' '))
    .join('; ');
}
