/** Bytes of the longest id that filters take. */
const MOST_ID_BYTES = 4_096;

/** Half of a character, which no escape can write. */
const HALF_CHARACTER = /\p{Surrogate}/u;

/** Browsers take these for steps through folders, also when they are escaped: they get a mark in front, as do those that have one. */
const STEP = /^~*\.{1,2}$/;
const MARKED_STEP = /^~+\.{1,2}$/;

/** The path of a page of something with an id, below `base` (`/content/`); null for ids that no address or filter can hold. */
export function idPath(base: string, id: string): string | null {
  if (id === '' || HALF_CHARACTER.test(id) || new TextEncoder().encode(id).length > MOST_ID_BYTES) return null;
  return base + (STEP.test(id) ? `~${id}` : encodeURIComponent(id));
}

/** The id that a path names. The router's own parameter would turn `%2F` within an id into a slash. */
export function idOfPath(base: string, pathname: string): string {
  const segment = pathname.slice(base.length);
  if (MARKED_STEP.test(segment)) return segment.slice(1);
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
