import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { postJson, type ApiError } from '../../api/client';
import type { SqlResponse } from '../../api/query';
import { useColumnText } from '../../i18n/useColumnText';
import type { SchemaFunction, SchemaTable } from './schema';

const COLUMNS = 'select table_name, column_name, data_type, comment from catalogue.columns';
const FUNCTIONS = `select routine_name, min(syntax_example), min(description)
from information_schema.routines group by 1 order by 1`;

const ask = (query: string, signal: AbortSignal) => postJson<SqlResponse>('/sql', { query }, { signal });
const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** Tables and columns with what they mean, in the reader's language. */
export function useSchema() {
  const said = useColumnText();
  const query = useQuery<SchemaTable[], ApiError>({
    queryKey: ['sql-schema'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const { rows } = await ask(COLUMNS, signal);
      const tables = new Map<string, SchemaTable>();
      for (const [table, column, type, comment] of rows) {
        const name = text(table);
        const found = tables.get(name) ?? { name, columns: [] };
        found.columns.push({ name: text(column), type: text(type), comment: text(comment), english: text(comment) });
        tables.set(name, found);
      }
      return [...tables.values()];
    },
  });
  const { data, error, refetch } = query;
  const tables = useMemo(
    () =>
      data?.map(({ name, columns }) => ({
        name,
        columns: columns.map((column) => ({ ...column, type: said(column.type), comment: said(column.english) })),
      })),
    [data, said],
  );
  return { data: tables, error, refetch };
}

export function useSqlFunctions() {
  return useQuery<SchemaFunction[], ApiError>({
    queryKey: ['sql-functions'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const { rows } = await ask(FUNCTIONS, signal);
      return rows
        .map(([name, example, description]) => ({ name: text(name), example: text(example), description: text(description) }))
        .filter(({ name }) => /^[a-z]/.test(name));
    },
  });
}
