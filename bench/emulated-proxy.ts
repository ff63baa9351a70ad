import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

const CONTACT = {
  contact: 'sip:user@192.0.2.7:49152;transport=tls',
  path: ['<sip:192.0.2.1:5061;transport=tls;lr>'],
  'expires-at': 1_924_992_000,
  q: 1,
  'unique-id': '"<urn:uuid:2c4b1e40-0000-4000-8000-0123456789ab>"',
  'user-agent': 'LinphoneAndroid/5.2.5',
  'call-id': 'Zt3-aBc~d.',
  cseq: 21,
  'update-time': 1_924_988_400,
  'is-fallback': false,
};

/** Emulates the command socket of a Flexisip proxy that knows one device of every account. */
export class EmulatedProxy {
  private readonly server: Server;
  private readonly pidFile: string;

  /** @param folder the folder of its socket and its pid file. */
  constructor(private readonly folder: string) {
    this.pidFile = join(folder, 'flexisip-proxy.pid');
    this.server = createServer((socket) => {
      socket.once('data', () => socket.end(JSON.stringify({ contacts: [CONTACT] })));
      socket.on('error', () => undefined);
    });
  }

  /** The settings that select it. */
  get environment(): Record<string, string> {
    return { DEVICES_DRIVER: 'flexisip', APP_FLEXISIP_PROXY_PID: this.pidFile, APP_FLEXISIP_SOCKET_DIR: this.folder };
  }

  async start(): Promise<void> {
    writeFileSync(this.pidFile, `${process.pid}\n`);
    const path = join(this.folder, `flexisip-proxy-${process.pid}`);
    rmSync(path, { force: true });
    await new Promise<void>((resolve) => this.server.listen(path, resolve));
  }

  stop(): void {
    this.server.close();
  }
}
