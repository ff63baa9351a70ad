/** The methods that routes have or may get. Metrics call each by its name. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Methods of HTTP that no route has. Node parses them. */
export const OTHER_METHODS = [
  'TRACE',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'SEARCH',
  'M-SEARCH',
  'REPORT',
  'PURGE',
  'LINK',
  'QUERY',
] as const;
