import type { Api } from '../api.js';
import type { Answer } from '../http.js';
import { stranger } from '../public-routes.js';

/** Push parameters as a client posts them. */
export interface Device {
  pn_provider: 'apns' | 'apns.dev' | 'fcm';
  pn_param: string;
  pn_prid: string;
}

export const askForToken = (api: Api, device: Device): Promise<Answer> => stranger(api).post('/api/tokens', device);

/** The tokens of a device in the database. */
export async function tokensOf(api: Api, { pn_prid }: Device): Promise<string[]> {
  const rows: { token: string }[] = await api.sql('SELECT token FROM tokens WHERE pn_prid = ?', [pn_prid]);
  return rows.map(({ token }) => token);
}

/** The log messages of failed pushes, oldest first. */
export function failuresIn(api: Api): string[] {
  const messages = api.log.map((line) => (JSON.parse(line) as { msg?: unknown }).msg);
  return messages.filter(
    (message): message is string => typeof message === 'string' && message.startsWith('Not delivered'),
  );
}
