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
