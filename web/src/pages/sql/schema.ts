export interface SchemaColumn {
  name: string;
  type: string;
  /** What it holds, in the reader's language. */
  comment: string;
  /** The same as the server says it. */
  english: string;
}

export interface SchemaTable {
  name: string;
  columns: SchemaColumn[];
}

export interface SchemaFunction {
  name: string;
  /** How it is called. */
  example: string;
  description: string;
}

/** Names that SQL takes only within quotes: reserved words, and all but lower-case words. */
const RESERVED = new Set(['end', 'from', 'to', 'order', 'group', 'select', 'where', 'limit', 'user', 'case', 'when', 'table']);

export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Columns of the tables that a statement names; all of `sessions` while it names none. */
export function columnsInReach(sql: string, tables: readonly SchemaTable[]): SchemaColumn[] {
  const named = new Set([...sql.matchAll(/\b(?:from|join)\s+([a-z_.]+)/gi)].map(([, name]) => (name ?? '').toLowerCase()));
  const inReach = tables.filter(({ name }) => named.has(name));
  const chosen = inReach.length > 0 ? inReach : tables.filter(({ name }) => name === 'sessions');
  const found = new Map<string, SchemaColumn>();
  for (const { columns } of chosen) for (const column of columns) if (!found.has(column.name)) found.set(column.name, column);
  return [...found.values()];
}

/** Tables whose name, or columns whose name or meaning, hold a text. */
export function searchSchema(tables: readonly SchemaTable[], text: string): SchemaTable[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [...tables];
  return tables
    .map((table) => {
      if (table.name.includes(wanted)) return table;
      const columns = table.columns.filter(
        ({ name, comment, english }) =>
          name.includes(wanted) || comment.toLowerCase().includes(wanted) || english.toLowerCase().includes(wanted),
      );
      return { ...table, columns };
    })
    .filter(({ columns }) => columns.length > 0);
}
