/** Characters that move, colour or clear a terminal, or change the direction of the following text. */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * The characters of these that JSON does not escape: DEL, control characters beyond ASCII, and characters that turn or
 * break lines.
 */
const CONTROLS_IN_JSON = /[\x7f-\x9f\p{Bidi_Control}\u2028\u2029]/gu;

/** All characters except printable ASCII and the line break. Most log lines have none and skip the replacement. */
const BEYOND_ASCII = /[^\n -~]/;

/** Returns a text as one line without effect on a terminal: control characters become `\u001b`. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${codeOf(character)}`);
}

/** The same for a line of JSON. Its strings then hold the text `\u009b` instead of the character. */
export function printableJson(line: string): string {
  return BEYOND_ASCII.test(line) ? line.replace(CONTROLS_IN_JSON, (character) => `\\\\u${codeOf(character)}`) : line;
}

function codeOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0');
}
