import type { OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../common/clock.js';
import { OutboundCallFailed } from '../outbound/outbound-call-failed.js';
import type { ApnsSettings, FcmSettings } from '../config/outbound-settings.js';
import { Apns } from './apns.js';
import { Fcm } from './fcm.js';
import { PushSender, type TokenPush } from './push-sender.js';

/** Sends pushes directly to Apple and Google: PUSH_DRIVER=direct. */
export class DirectPushSender extends PushSender implements OnApplicationShutdown {
  private readonly apns: Apns | null;
  private readonly fcm: Fcm | null;

  constructor(settings: { readonly apns: ApnsSettings | null; readonly fcm: FcmSettings | null }, clock: Clock) {
    super();
    this.apns = settings.apns && new Apns(settings.apns, clock);
    this.fcm = settings.fcm && new Fcm(settings.fcm, clock);
  }

  async send(push: TokenPush, signal: AbortSignal): Promise<void> {
    const service = push.pnProvider === 'fcm' ? this.fcm : this.apns;
    if (!service) throw new OutboundCallFailed(`the push service ${push.pnProvider}`, 'no key for it is configured');
    await service.push(push, signal);
  }

  onApplicationShutdown(): void {
    this.apns?.close();
  }
}
