import { isIPv6 } from 'node:net';
import type { IsGiven, SettingGroup, ValuesOf } from '../setting.js';
import { isHost, list, lineOfText, wholeNumber } from '../variable-kinds.js';

/** The settings of {@link Settings.turn}. */
export interface TurnSettings {
  readonly secret: string;
  readonly uris: readonly string[];
  /** In seconds. */
  readonly lifetime: number;
}

const URI = /^turns?:(?:\[(?<ipv6>[^\]]*)\]|(?<host>[^:?]*))(?::(?<port>\d{1,5}))?(?:\?transport=(?:udp|tcp))?$/;

/** Whether a text is a TURN URI (RFC 7065), with UDP or TCP if it names a transport. */
export function isTurnUri(text: string): boolean {
  const { ipv6, host, port = '3478' } = URI.exec(text)?.groups ?? {};
  const isRightHost = ipv6 === undefined ? isHost(host ?? '') : isIPv6(ipv6);
  return isRightHost && Number(port) >= 1 && Number(port) <= 65_535;
}

export const turn = {
  title: 'TURN',
  introduction: 'Credentials for a TURN server that the apps relay media through (docs/turn.md).',
  settings: {
    TURN_SECRET: {
      schema: lineOfText(255).optional(),
      text: 'The secret that the service shares with the TURN server: `static-auth-secret` of coturn.',
      otherwise: 'no TURN server',
      secret: true,
    },
    TURN_URIS: {
      schema: list(isTurnUri, 'must be TURN URIs (RFC 7065), separated by commas').optional(),
      text: 'The addresses of the TURN server, the preferred one first.',
      otherwise: 'no TURN server',
      example: 'turn:turn.example.org:3478?transport=udp,turns:turn.example.org:5349?transport=tcp',
    },
    TURN_LIFETIME: {
      schema: wholeNumber(60, 31_622_400).default(86_400),
      text: 'Seconds for which the TURN server accepts the credentials.',
      noEffect: [{ without: 'TURN_SECRET' }],
    },
  },
} as const satisfies SettingGroup;

type Values = ValuesOf<typeof turn.settings>;

export function turnMistakes(isGiven: IsGiven): string[] {
  const [isSecretGiven, areUrisGiven] = [isGiven('TURN_SECRET'), isGiven('TURN_URIS')];
  if (isSecretGiven && !areUrisGiven) return ['TURN_URIS: is required with TURN_SECRET'];
  return areUrisGiven && !isSecretGiven ? ['TURN_SECRET: is required with TURN_URIS'] : [];
}

export function turnSettings({ TURN_SECRET, TURN_URIS, TURN_LIFETIME }: Values): TurnSettings | null {
  if (TURN_SECRET === undefined || TURN_URIS === undefined) return null;
  return { secret: TURN_SECRET, uris: TURN_URIS, lifetime: TURN_LIFETIME };
}
