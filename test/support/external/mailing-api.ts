import { Api } from '../api.js';
import { WITHOUT_LIMITS } from '../mail-routes.js';
import { MailServer } from './mail-server.js';

/** The application, and the mail server that it uses. */
export interface MailingApi {
  readonly api: Api;
  readonly server: MailServer;
  /** Stops both. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the application with a mail server of its own, without limits on e-mail requests.
 *
 * @param environment further settings of the application.
 * @param options of the mail server.
 */
export async function startMailingApi(
  environment: Record<string, string> = {},
  options: Parameters<typeof MailServer.start>[0] = {},
): Promise<MailingApi> {
  const server = await MailServer.start(options);
  const api = await Api.start({
    environment: { ...WITHOUT_LIMITS, ...server.environment, ...environment },
    real: ['mail'],
  });
  const stop = async () => {
    await api.stop();
    await server.stop();
  };
  return { api, server, stop };
}
