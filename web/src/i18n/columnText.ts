/** What columns of the tables hold, in another language, by the English of their definitions. */
export type ColumnTexts = Readonly<Record<string, string>>;

/** The parameter that fills a column, behind what it holds: `title (media.name)`. */
const PARAMETER = / \(([a-z]\w*(?:\.\w+)*)\)$/;

/** What the definition of a column says, in the language of the texts; null for a definition that is not known. */
export function columnText(english: string, texts: ColumnTexts): string | null {
  const of = (text: string) => (Object.hasOwn(texts, text) ? texts[text] : undefined);
  const whole = of(english);
  if (whole !== undefined) return whole;
  const parameter = PARAMETER.exec(english);
  const said = parameter && of(english.slice(0, parameter.index));
  return said ? `${said}（${parameter[1]}）` : null;
}
