import { Injectable } from '@nestjs/common';
import { type Mail, Mailer } from '../mail/mailer.js';
import { OutboundCalls } from '../outbound/outbound-calls.service.js';
import { PushSender, type TokenPush } from '../push/push-sender.js';
import { type CodeSms, SmsSender } from '../sms/sms-sender.js';

/** The content of a message, by channel. */
interface Contents {
  readonly mail: Mail;
  readonly sms: CodeSms;
  readonly push: TokenPush;
}

/** A channel by which this service sends messages. */
export type Channel = keyof Contents;

/** A message for a channel. */
export interface Message<C extends Channel> {
  /**
   * The name of the message in the log. It holds no secret, for example `the activation code of sip:john@example.org`.
   */
  readonly name: string;
  readonly content: Contents[C];
}

type Senders = { readonly [C in Channel]: { send(content: Contents[C], signal: AbortSignal): Promise<void> } };

/** Sends e-mails, SMS and push notifications through the adapters that the settings select. */
@Injectable()
export class MessageSender {
  private readonly senders: Senders;

  constructor(
    mailer: Mailer,
    smsSender: SmsSender,
    pushSender: PushSender,
    private readonly outbound: OutboundCalls,
  ) {
    this.senders = { mail: mailer, sms: smsSender, push: pushSender };
  }

  /**
   * Sends a message in bounded time. A failure is logged.
   *
   * @returns whether the message was delivered.
   */
  send<C extends Channel>(channel: C, { name, content }: Message<C>): Promise<boolean> {
    return this.outbound.deliver(channel, name, (signal) => this.senders[channel].send(content, signal));
  }
}
