import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Api } from '../support/api.js';
import { askForToken } from '../support/external/push-devices.js';
import { until } from '../support/until.js';
import { BEHIND_PROXY } from '../support/public-routes.js';
import { refusal } from '../support/refusal.js';

describe('A connection to Apple whose TLS handshake never ends', () => {
  let server: Server;
  let api: Api;

  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => socket.destroy()).resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const apple = {
      PUSH_DRIVER: 'direct',
      APNS_KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
      APNS_KEY_ID: 'KEY1234567',
      APNS_TEAM_ID: 'TEAM123456',
      APNS_URL: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    api = await Api.start({ real: ['push'], environment: { ...BEHIND_PROXY, ...apple, NEIGHBOUR_TIMEOUT: '1' } });
  });
  afterAll(async () => {
    await api.stop();
    server.close();
  });

  it('is given up with its push, and not kept', async () => {
    for (const digit of ['a', 'b', 'c']) {
      const device = {
        pn_provider: 'apns',
        pn_param: 'TEAM123456.org.linphone.phone',
        pn_prid: digit.repeat(64),
      } as const;
      expect(refusal(await askForToken(api, device))).toBe('503 push_not_delivered');
    }
    let open = Infinity;
    const count = () => server.getConnections((_error, connections) => (open = connections));
    // The server still hangs: whoever closes is the service.
    await until(() => {
      count();
      return open === 0;
    });
  });
});
