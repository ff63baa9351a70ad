import { standardOutput } from './output.js';

/**
 * Prints what a `log` adapter would have sent, with its code, token or link, for whoever develops or tries the service.
 * Straight to the console, not to the log: logs never hold secrets.
 */
export function printMessage(channel: 'push' | 'mail' | 'sms', to: string, message: string): void {
  standardOutput.write(`[${channel}] to ${to}: ${message}\n`);
}
