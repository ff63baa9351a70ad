/** Characters that move, colour or clear a terminal, or turn the direction of the text that follows. */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Those of them that JSON leaves as they are: DEL, the control characters beyond ASCII, and what turns or breaks lines. */
const CONTROLS_IN_JSON = /[\x7f-\x9f\p{Bidi_Control}\u2028\u2029]/gu;

/** What none of them is: a look that spares most lines of the log the search for them. */
const BEYOND_ASCII = /[^\n -~]/;

/** A text as one line that does nothing to a terminal: control characters are written as `\u001b`. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${codeOf(character)}`);
}

/** The same for a line of JSON, whose strings then hold the text `\u009b` instead of the character. */
export function printableJson(line: string): string {
  return BEYOND_ASCII.test(line) ? line.replace(CONTROLS_IN_JSON, (character) => `\\\\u${codeOf(character)}`) : line;
}

function codeOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0');
}
