import type { Settings } from '../../config/settings.js';

const settingsOfDto = new WeakMap<object, Settings>();

/** Gives the validators of a DTO access to the settings. class-validator has no other way to pass them. */
export function rememberSettings(dto: object, settings: Settings): void {
  settingsOfDto.set(dto, settings);
}

/** The settings of the application that validates this DTO. */
export function settingsFor(dto: object): Settings {
  const settings = settingsOfDto.get(dto);
  if (!settings) throw new Error('this DTO is not being validated by the ValidationPipe');
  return settings;
}
