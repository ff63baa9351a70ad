/** The default alphabet of SMS (3GPP TS 23.038 §6.2.1): 160 of these fit into one, 70 of any others. */
const BASIC = [
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?',
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
];
/** Those that count twice (§6.2.1.1). */
const EXTENDED = '\f^{}\\[~]|€';

const ALPHABET = new Set([...BASIC.join(''), ...EXTENDED]);

/** Typographic characters that mean the same as one of the alphabet. */
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

/** Writes a text in the 7-bit alphabet where only its typography stands in the way; letters stay as they are. */
export function toSmsText(text: string): SmsText {
  const plain = [...text.normalize('NFC')].map((character) => PLAIN[character] ?? character).join('');
  const is7Bit = [...plain].every((character) => ALPHABET.has(character));
  return is7Bit ? { text: plain, is7Bit } : { text, is7Bit };
}
