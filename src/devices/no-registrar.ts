import { type Registration, Registrar } from './registrar.js';

/** Stands where no registrar is configured: nobody has a device. DEVICES_DRIVER=none. */
export class NoRegistrar extends Registrar {
  async list(): Promise<Registration[]> {
    return [];
  }

  async remove(): Promise<void> {}
}
