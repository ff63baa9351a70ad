interface Contact {
  /** What the device said it is, as it said it. */
  userAgent?: string;
  /** Unix seconds of its last REGISTER. */
  updatedAt: number;
  /** For how many seconds it registered. */
  expires?: number;
  /** What +sip.instance holds; none if it is empty. */
  instance?: string;
}

/** A Contact header as Flexisip writes it into Redis. */
export function contactHeader({ userAgent = 'LinphoneAndroid/5.2.5', updatedAt, expires = 600, instance = '' }: Contact): string {
  const parameters = [
    'transport=tls',
    'pn-provider=fcm',
    'pn-param=929724111839',
    'pn-prid=f6y8_CVdQnY:APA91bHZcGcxaQ',
    'fs-conn-id=1d6a3c5b7f',
    'callid=Zt3-aBc~d.',
    // The whole life of the registration, which is not what counts: the one behind the URI does.
    'expires=31536000',
    'cseq=21',
    `updatedAt=${updatedAt}`,
    'alias=no',
    'usedAsRoute=no',
    'path=%3Csip%3A192.0.2.1%3A5061%3Btransport%3Dtls%3Blr%3E',
  ];
  const headers = ['accept=application%2Fsdp', `user-agent=${encodeURIComponent(userAgent)}`];
  const uri = `<sip:user@192.0.2.7:49152;${parameters.join(';')}?${headers.join('&')}>`;
  return `${uri}${instance && `;+sip.instance="<${instance}>"`};+org.linphone.specs="groupchat/1.1,lime";q=1.000;expires=${expires}`;
}
