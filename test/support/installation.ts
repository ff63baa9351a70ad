import { Api } from './api.js';
import { APP_KEY } from './settings.js';
import { createDatabase } from './test-database.js';

/** The application on its own database, and the settings with which commands use the same database. */
export class Installation {
  private constructor(
    readonly api: Api,
    readonly environment: Record<string, string>,
    private readonly removeDatabase: () => Promise<void>,
  ) {}

  static async start(): Promise<Installation> {
    const database = await createDatabase();
    const environment = { APP_KEY, ...database.environment };
    return new Installation(await Api.start({ database }), environment, () => database.remove());
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.removeDatabase();
  }
}
