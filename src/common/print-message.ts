import { standardOutput } from './output.js';

/**
 * Prints a message of a `log` adapter, with its code, token or link, for people who develop or try the service. The
 * message goes to the console and not to the log: logs never hold secrets.
 */
export function printMessage(channel: 'push' | 'mail' | 'sms', to: string, message: string): void {
  standardOutput.write(`[${channel}] to ${to}: ${message}\n`);
}
