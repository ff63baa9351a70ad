/** The default alphabet of SMS (3GPP TS 23.038 §6.2.1). An SMS holds 160 of these characters, or 70 of any others. */
const BASIC = [
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?',
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
];
/** Characters that count twice (§6.2.1.1). */
const EXTENDED = '\f^{}\\[~]|€';

const ALPHABET = new Set([...BASIC.join(''), ...EXTENDED]);

/** Typographic characters, each with its equivalent in the alphabet. */
const PLAIN: Record<string, string> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\u2011': '-',
};

/** Text for an SMS, and whether the 7-bit alphabet can write it. */
export interface SmsText {
  readonly text: string;
  readonly is7Bit: boolean;
}

/** Writes a text in the 7-bit alphabet if only its typography prevents that. Letters are never replaced. */
export function toSmsText(text: string): SmsText {
  const plain = [...text.normalize('NFC')].map((character) => PLAIN[character] ?? character).join('');
  const is7Bit = [...plain].every((character) => ALPHABET.has(character));
  return is7Bit ? { text: plain, is7Bit } : { text, is7Bit };
}
