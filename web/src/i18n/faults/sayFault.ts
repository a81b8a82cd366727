/** Texts of another language by the server's English, both with the names of their values: `is before {{name}}`. */
export type FaultTexts = Readonly<Record<string, string>>;

interface Template {
  /** What stands before, between and behind the values. */
  parts: readonly string[];
  names: readonly string[];
  said: string;
  /** Whether it follows another text: `; try again`. */
  isTail: boolean;
}

/** Texts within texts: a process that ended, with how the one before ended. */
const MOST_DEEP = 6;
/** Longer texts are not the server's own: the engine may quote a whole statement. */
const LONGEST = 2_000;

/** What the engine says around the refusal of a function of the server's own. */
const OF_ENGINE = /^Execution error: Function '[^']*' user-defined coercion failed with: Error during planning: ([^\n]+?)\. No function /;

const known = new WeakMap<FaultTexts, readonly Template[]>();

/** What a message of the server says, in the language of the texts; null for one that is not the server's own. */
export function sayFault(message: string, texts: FaultTexts): string | null {
  if (message.length > LONGEST) return null;
  const own = OF_ENGINE.exec(message)?.[1];
  if (own !== undefined) {
    const inner = sayText(own, texts, 0);
    return inner && `${inner}\n${message}`;
  }
  const near = / \(did you mean (.+?)\?\)/.exec(message);
  const said = sayText(near ? message.replace(near[0], () => '') : message, texts, 0);
  const hint = near && sayText(near[0], texts, 0);
  return said === null ? null : said + (hint ?? near?.[0] ?? '');
}

function sayText(text: string, texts: FaultTexts, depth: number): string | null {
  if (depth > MOST_DEEP) return null;
  for (const template of templatesOf(texts)) {
    const values = valuesIn(text, template);
    if (!values) continue;
    // Texts of the engine may look like those that begin with a value; what the server leaves out or lacks is known by name.
    if (values.some((value, place) => template.names[place] === 'what' && sayText(value, texts, depth + 1) === null)) continue;
    const named = new Map(template.names.map((name, place) => [name, sayValue(values[place] ?? '', texts, depth + 1)]));
    return template.said.replace(/\{\{(\w+)\}\}/g, (_, name: string) => named.get(name) ?? '');
  }
  return sayWithTail(text, texts, depth);
}

/** A text before another that only follows texts. */
function sayWithTail(text: string, texts: FaultTexts, depth: number): string | null {
  for (const { parts, said, names, isTail } of templatesOf(texts)) {
    const at = isTail ? text.lastIndexOf(parts[0] ?? '') : -1;
    if (at <= 0) continue;
    const tail = valuesIn(text.slice(at), { parts, names, said, isTail }) && sayText(text.slice(at), texts, depth + 1);
    if (tail) return sayValue(text.slice(0, at), texts, depth + 1) + tail;
  }
  return null;
}

const sayValue = (value: string, texts: FaultTexts, depth: number) =>
  value === '' ? '' : (sayText(value, texts, depth) ?? value);

/** The values in a text, if it has the form of the template. Without going back, so that no text takes long. */
function valuesIn(text: string, { parts }: Template): string[] | null {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return text === first ? [] : null;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return null;
  const end = text.length - last.length;
  const values: string[] = [];
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return null;
    values.push(text.slice(from, at));
    from = at + part.length;
  }
  values.push(text.slice(from, end));
  return values;
}

/** The templates, those that say most themselves first. */
function templatesOf(texts: FaultTexts): readonly Template[] {
  const found = known.get(texts);
  if (found) return found;
  const made = Object.entries(texts).map(([english, said]) => ({
    parts: english.split(/\{\{\w+\}\}/),
    names: [...english.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? ''),
    said,
    isTail: /^[;, ]/.test(english),
  }));
  const length = ({ parts }: Template) => parts.join('').length;
  made.sort((one, other) => length(other) - length(one));
  known.set(texts, made);
  return made;
}
