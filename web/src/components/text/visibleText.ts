/** Nothing but spaces, controls and characters that write nothing. */
const BLANK = /^[\s\p{C}\u115f\u1160\u2800\u3164\uffa0]*$/u;

/**
 * A text to be pressed or read: one that has nothing to be seen, which players may send, is shown in quotes, since a
 * link of it would have no face and no name.
 */
export function visibleText(text: string): string {
  if (text.length > 400 || !BLANK.test(text)) return text;
  return JSON.stringify(text);
}

/**
 * Characters that nobody sees: those that turn what stands around them, so that a title reads other than it is written;
 * controls; and those without a width, by which two titles look the same.
 */
const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const NAMES: Record<string, string> = {
  '\u00ad': 'SHY',
  '\u061c': 'ALM',
  '\u200b': 'ZWSP',
  '\u200c': 'ZWNJ',
  '\u200d': 'ZWJ',
  '\u200e': 'LRM',
  '\u200f': 'RLM',
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2060': 'WJ',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
  '\ufeff': 'BOM',
};

/** Letters that run from right to left, among which marks of direction belong to the spelling. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
/** What joiners follow: parts of one picture, and letters whose form they choose. */
const JOINED = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{M}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}]$/u;
/** A flag of a part of a country is written in letters that are not seen. */
const FLAG = /\u{1f3f4}[\u{e0020}-\u{e007f}]*$/u;

/** Whether a character belongs to what stands before it, and is as it should be. */
function isProper(character: string, before: string): boolean {
  if (character === '\u200c' || character === '\u200d') return JOINED.test(before);
  return character > '\udb3f' && character.length === 2 && FLAG.test(before);
}

/** A piece of a text, or a character in it that is not seen, by its name. */
export type TextPiece = { text: string } | { unseen: string; code: string };

/** A text with the characters that are not seen taken out of it, so that a mark can stand in their place. */
export function textPieces(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  const isRightToLeft = RIGHT_TO_LEFT.test(text);
  let from = 0;
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    if (isRightToLeft && /[\u061c\u200e\u200f]/.test(character)) continue;
    if (isProper(character, text.slice(Math.max(0, index - 40), index))) continue;
    if (index > from) pieces.push({ text: text.slice(from, index) });
    const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    pieces.push({ unseen: NAMES[character] ?? code, code });
    from = index + character.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** The same as one text, for where no element can stand. */
export function markedText(text: string): string {
  return textPieces(text).map((piece) => ('text' in piece ? piece.text : `⟨${piece.unseen}⟩`)).join('');
}
