import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiError } from '../../api/client';
import { ErrorState } from '../../components/states/ErrorState';
import { Loading } from '../../components/states/Loading';
import { TextField } from '../../components/controls/TextField';
import { quoted, searchSchema, type SchemaTable } from './schema';
import styles from './SchemaPanel.module.css';

interface SchemaPanelProps {
  schema: { data: SchemaTable[] | undefined; error: ApiError | null; refetch: () => unknown };
  onInsert: (text: string) => void;
}

const KNOWN = ['sessions', 'ads', 'chapters', 'errors', 'events', 'exclusions'] as const;

/** All tables and columns with what they mean; a click inserts the name. */
export function SchemaPanel({ schema, onInsert }: SchemaPanelProps): ReactNode {
  const { t } = useTranslation('sql');
  const [text, setText] = useState('');
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set(['sessions']));
  const found = useMemo(() => searchSchema(schema.data ?? [], text), [schema.data, text]);
  const isSearching = text.trim() !== '';
  const toggle = (name: string) => {
    const next = new Set(opened);
    if (!next.delete(name)) next.add(name);
    setOpened(next);
  };
  if (schema.error && !schema.data) return <ErrorState error={schema.error} onRetry={() => void schema.refetch()} />;
  if (!schema.data) return <Loading lines={6} />;
  return (
    <div className={styles.panel}>
      <TextField
        label={t('schema.search')}
        hideLabel
        type="search"
        placeholder={t('schema.search')}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className={styles.tables} tabIndex={0} role="group" aria-label={t('schema.label')}>
        {found.length === 0 && <p className={styles.none}>{t('schema.none')}</p>}
        {found.map((table) => {
          const isOpen = isSearching || opened.has(table.name);
          const known = KNOWN.find((name) => name === table.name);
          return (
            <section key={table.name} className={styles.table}>
              <button
                type="button"
                className={styles.name}
                aria-expanded={isOpen}
                title={known && t(`schema.tables.${known}`)}
                onClick={() => toggle(table.name)}
              >
                <span className={styles.word}>{table.name}</span>
                <span className={styles.soft}>{t('schema.columns', { count: table.columns.length })}</span>
              </button>
              {isOpen && (
                <ul>
                  {table.columns.map(({ name, type, comment }) => (
                    <li key={name}>
                      <button
                        type="button"
                        className={styles.column}
                        title={t('schema.insert', { name })}
                        onClick={() => onInsert(quoted(name))}
                      >
                        <span className={styles.line}>
                          <span className={styles.word}>{name}</span>
                          <span className={styles.soft}>{type}</span>
                        </span>
                        {comment && <span className={styles.comment}>{comment}</span>}
                      </button>
                    </li>
                  ))}
                </ul>
              )}
            </section>
          );
        })}
      </div>
    </div>
  );
}
