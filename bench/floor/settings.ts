/** The settings of the floor. It reads the variables of the service, by the same names. */
export interface FloorSettings {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  /** The path of {@link publicUrl}, which a reverse proxy strips. */
  readonly publicPath: string;
  readonly appKey: string;
  readonly sipDomains: readonly [string, ...string[]];
  /** Seconds. */
  readonly nonceLifetime: number;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
  };
  readonly proxy: { readonly pidFile: string; readonly socketDirectory: string };
}

/** Reads the settings. They come from the bench and are not checked. A missing one has the default of the service. */
export function readSettings(environment: NodeJS.ProcessEnv): FloorSettings {
  const text = (name: string, initial = '') => environment[name] || initial;
  const host = text('HOST', '127.0.0.1');
  const port = Number(text('PORT', '3000'));
  const publicUrl = text('APP_URL', `http://${host}:${port}`).replace(/\/+$/, '');
  const [firstDomain = '', ...otherDomains] = text('APP_SIP_DOMAIN', 'sip.example.org').split(',');
  return {
    host,
    port,
    publicUrl,
    publicPath: new URL(publicUrl).pathname.replace(/\/$/, ''),
    appKey: text('APP_KEY'),
    sipDomains: [firstDomain, ...otherDomains],
    nonceLifetime: Number(text('NONCE_LIFETIME', '300')),
    database: {
      host: text('DB_HOST', '127.0.0.1'),
      port: Number(text('DB_PORT', '3306')),
      database: text('DB_DATABASE'),
      user: text('DB_USERNAME'),
      password: text('DB_PASSWORD'),
    },
    proxy: {
      pidFile: text('APP_FLEXISIP_PROXY_PID', '/var/run/flexisip-proxy.pid'),
      socketDirectory: text('APP_FLEXISIP_SOCKET_DIR', '/tmp'),
    },
  };
}
