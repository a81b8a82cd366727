import { markedText } from './visibleText';

/** At most so many characters of a text, whole ones, with an ellipsis where it was cut. */
export function clipText(text: string, max: number): string {
  if (text.length <= max) return text;
  // A slice of code units first: texts may be very long.
  const characters = Array.from(text.slice(0, max * 2 + 2));
  if (characters.length <= max && text.length <= max * 2 + 2) return text;
  return `${characters.slice(0, max - 1).join('')}…`;
}

/** A text for a canvas, where nothing isolates it: one clipped line, with marks for characters that are not seen. */
export function textForChart(text: string | null | undefined, max = 40): string {
  if (text === null || text === undefined) return '–';
  const line = markedText(clipText(text, max * 4)).replace(/\s+/g, ' ').trim();
  return clipText(line, max);
}
