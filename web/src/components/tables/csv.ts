import { isValidElement, type ReactNode } from 'react';

/** A value of a file; what is missing is empty. */
export type CsvCell = string | number | boolean | null | undefined;

/** By it spreadsheets know that the file is UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';

/** What makes a spreadsheet take a text for a formula, in the wide forms of Asian keyboards as well. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const NUMBER = /^-(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Rows as a file that spreadsheets open: names and titles come from players, and none of them may become a formula. */
export function csvText(rows: readonly (readonly CsvCell[])[]): string {
  return BYTE_ORDER_MARK + rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(cell: CsvCell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  return quoted(harmless(String(cell)));
}

function harmless(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",;\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A field of a file of the server with what ends it. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/gy;

/** The server's CSV, which is for programs, as a file for spreadsheets. */
export function csvForSpreadsheets(text: string): string {
  const body = text.replace(/^\ufeff/, '').replace(FIELD, (_, quotedText: string | undefined, plain: string | undefined, end: string) =>
    `${quoted(harmless(quotedText?.replaceAll('""', '"') ?? plain ?? ''))}${end}`,
  );
  return BYTE_ORDER_MARK + body;
}

/** The text of what a page shows. Texts from players are whole there, however they are clipped on the page. */
export function nodeText(node: ReactNode): string {
  if (node === null || node === undefined || typeof node === 'boolean') return '';
  if (typeof node === 'string' || typeof node === 'number') return String(node);
  if (Array.isArray(node)) return node.map(nodeText).filter((text) => text !== '').join(' ');
  if (!isValidElement<{ text?: unknown; children?: ReactNode }>(node)) return '';
  const { text, children } = node.props;
  return typeof text === 'string' ? text : nodeText(children);
}
