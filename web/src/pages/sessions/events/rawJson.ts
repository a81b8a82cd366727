/**
 * JSON by its text: what a player sent is shown and saved letter by letter, because numbers may have more digits than
 * a number of the language can hold. All functions take text that is known to be JSON.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const isOpening = (code: number) => code === 0x7b || code === 0x5b;
const isClosing = (code: number) => code === 0x7d || code === 0x5d;
const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** The texts of an object's members. */
export function rawMembers(text: string): { key: string; raw: string }[] {
  const members: { key: string; raw: string }[] = [];
  let place = text.indexOf('{') + 1;
  for (;;) {
    const keyFrom = text.indexOf('"', place);
    if (keyFrom < 0 || text.slice(place, keyFrom).includes('}')) return members;
    const keyTo = endOfString(text, keyFrom);
    const from = skipSpace(text, text.indexOf(':', keyTo) + 1);
    const to = endOfValue(text, from);
    members.push({ key: JSON.parse(text.slice(keyFrom, keyTo)) as string, raw: text.slice(from, to) });
    place = to;
    if (text.charCodeAt(skipSpace(text, place)) !== COMMA) return members;
  }
}

export function rawMember(text: string, key: string): string | null {
  return rawMembers(text).find((member) => member.key === key)?.raw ?? null;
}

/** The texts of a list's items. */
export function rawItems(text: string): string[] {
  const items: string[] = [];
  let place = skipSpace(text, text.indexOf('[') + 1);
  while (place < text.length && !isClosing(text.charCodeAt(place))) {
    const to = endOfValue(text, place);
    items.push(text.slice(place, to));
    place = skipSpace(text, to);
    if (text.charCodeAt(place) === COMMA) place = skipSpace(text, place + 1);
  }
  return items;
}

export function writeMembers(members: readonly { key: string; raw: string }[]): string {
  return `{${members.map(({ key, raw }) => `${JSON.stringify(key)}:${raw}`).join(',')}}`;
}

/** The same JSON with a line for each value. */
export function prettyJson(text: string): string {
  const parts: string[] = [];
  let depth = 0;
  let place = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  while (place < text.length) {
    const code = text.charCodeAt(place);
    if (code === QUOTE) {
      const to = endOfString(text, place);
      parts.push(text.slice(place, to));
      place = to;
      continue;
    }
    if (isSpace(code)) {
      place += 1;
      continue;
    }
    const character = text.charAt(place);
    place += 1;
    if (isOpening(code)) {
      const inside = skipSpace(text, place);
      if (isClosing(text.charCodeAt(inside))) {
        parts.push(character, text.charAt(inside));
        place = inside + 1;
        continue;
      }
      depth += 1;
      parts.push(character, line());
    } else if (isClosing(code)) {
      depth -= 1;
      parts.push(line(), character);
    } else if (code === COMMA) parts.push(character, line());
    else parts.push(character === ':' ? ': ' : character);
  }
  return parts.join('');
}

function skipSpace(text: string, place: number): number {
  let next = place;
  while (next < text.length && isSpace(text.charCodeAt(next))) next += 1;
  return next;
}

/** Where a string ends that begins at a place. */
function endOfString(text: string, from: number): number {
  let place = from + 1;
  for (;;) {
    const quote = text.indexOf('"', place);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text.charAt(quote - 1 - slashes) === '\\') slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    place = quote + 1;
  }
}

/** Where a value ends that begins at a place. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  let place = from;
  while (place < text.length) {
    const code = text.charCodeAt(place);
    if (code === QUOTE) {
      place = endOfString(text, place);
      if (depth === 0) return place;
      continue;
    }
    if (isOpening(code)) depth += 1;
    else if (isClosing(code)) {
      if (depth === 0) return place;
      depth -= 1;
      if (depth === 0) return place + 1;
    } else if (depth === 0 && (code === COMMA || isSpace(code))) return place;
    place += 1;
  }
  return text.length;
}
