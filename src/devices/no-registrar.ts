import { type Registration, Registrar } from './registrar.js';

/** Used if no registrar is configured: no account has a device. DEVICES_DRIVER=none. */
export class NoRegistrar extends Registrar {
  async list(): Promise<Registration[]> {
    return [];
  }

  async remove(): Promise<void> {}
}
