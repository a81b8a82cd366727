/** Nothing but spaces, controls and characters that write nothing. */
const BLANK = /^[\s\p{C}]*$/u;

/**
 * A text to be pressed or read: one that has nothing to be seen, which players may send, is shown in quotes, since a
 * link of it would have no face and no name.
 */
export function visibleText(text: string): string;
export function visibleText(text: string | null): string | null;
export function visibleText(text: string | null): string | null {
  if (text === null || text.length > 400 || !BLANK.test(text)) return text;
  return JSON.stringify(text);
}

/** Characters that turn what stands around them: a title with one reads other than it is written. */
const TURNING: Record<string, string> = {
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
};

/** A piece of a text, or a character in it that turns others, by its name. */
export type TextPiece = { text: string } | { turning: string; code: string };

/** A text with the characters that turn others taken out of it, so that a mark can stand in their place. */
export function textPieces(text: string): TextPiece[] {
  return text
    .split(/([\u202a-\u202e\u2066-\u2069])/)
    .filter((piece) => piece !== '')
    .map((piece) => {
      const turning = TURNING[piece];
      if (turning === undefined) return { text: piece };
      return { turning, code: `U+${piece.charCodeAt(0).toString(16).toUpperCase()}` };
    });
}

/** The same as one text, for where no element can stand. */
export function markedText(text: string): string {
  return textPieces(text).map((piece) => ('text' in piece ? piece.text : `⟨${piece.turning}⟩`)).join('');
}
