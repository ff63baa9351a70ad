import { Limiter } from '../outbound/limiter.js';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import type { FlexisipPusherSettings } from '../config/outbound-settings.js';
import { PushSender, type TokenPush } from './push-sender.js';
import { type ProgramEnd, runProgram } from './run-program.js';

const NAME = 'flexisip_pusher';

/** Sends pushes through the program that Flexisip ships since 2.1: PUSH_DRIVER=flexisip_pusher. */
export class FlexisipPusher extends PushSender {
  private readonly limiter: Limiter;

  constructor(private readonly settings: FlexisipPusherSettings) {
    super();
    this.limiter = new Limiter(settings.processes, NAME);
  }

  async send(push: TokenPush, signal: AbortSignal): Promise<void> {
    const words = pusherWords(push, this.settings);
    const end = await this.limiter.run(() => runProgram(NAME, this.settings.path, words, signal), signal);
    const reason = refusalOfPusher(end);
    if (reason !== null) throw new OutboundCallFailed(NAME, reason);
  }
}

/**
 * Builds the words of the command line. `--pn-prid` takes all words up to the next option, so an option must follow.
 *
 * @throws OutboundCallFailed if a value could be parsed as an option.
 */
export function pusherWords(
  push: TokenPush,
  { prefix, firebaseKey }: Pick<FlexisipPusherSettings, 'prefix' | 'firebaseKey'>,
): string[] {
  const { pnProvider, pnParam, pnPrid, token } = push;
  if ([pnParam, pnPrid].some((value) => value === '' || value.startsWith('-'))) {
    throw new OutboundCallFailed(NAME, 'a push parameter looks like an option');
  }
  const options = {
    ...(prefix === null ? {} : { '--prefix': prefix }),
    ...(firebaseKey === null || pnProvider !== 'fcm' ? {} : { '--key': firebaseKey }),
    '--pn-provider': pnProvider,
    '--pn-param': pnParam,
    '--pn-prid': pnPrid,
    '--apple-push-type': 'Background',
    '--customPayload': JSON.stringify({ token }),
  };
  return Object.entries(options).flat();
}

/** The summary that the program prints, up to 2.3 and since 2.4. */
const SUMMARY =
  /(?<!\d)(\d{1,9}) push notification\(s\) sent(?:, (\d{1,9}) successfully and (\d{1,9}) failed\.| \[successful = (\d{1,9}), failed = (\d{1,9})\])/g;

/**
 * The reason why a push was not delivered, or null if it was. Since 2.2, the exit code counts the failures. Up to 2.1,
 * it is always 0, and only the summary reports failures. Both must report that the push was sent.
 */
export function refusalOfPusher({ code, output }: ProgramEnd): string | null {
  if (code !== 0) return code === null ? 'was ended by a signal' : `ended with exit code ${code}`;
  const summary = [...output.matchAll(SUMMARY)].at(-1);
  if (!summary) return 'does not say what became of the push';
  const [, sent, successful = summary[4], failed = summary[5]] = summary;
  return Number(successful) > 0 && Number(failed) === 0
    ? null
    : `says that of ${sent} pushes ${successful} succeeded and ${failed} failed`;
}
