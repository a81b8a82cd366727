import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiError } from '../../api/client';
import { ErrorState } from '../../components/states/ErrorState';
import { Loading } from '../../components/states/Loading';
import { TextField } from '../../components/controls/TextField';
import type en from '../../i18n/en';
import { useLabels } from '../../i18n/useLabels';
import { quoted, searchSchema, type SchemaTable } from './schema';
import styles from './SchemaPanel.module.css';

interface SchemaPanelProps {
  schema: { data: SchemaTable[] | undefined; error: ApiError | null; refetch: () => unknown };
  onInsert: (text: string) => void;
}

const KNOWN = ['sessions', 'ads', 'chapters', 'errors', 'events', 'exclusions'] as const;

/** What a column holds in a reader's language other than English, from the names and the help of metrics; null without one. */
function useMeaning(): (column: string) => string | null {
  const { t, i18n } = useTranslation('help');
  const labels = useLabels();
  return (column) => {
    if (i18n.language === 'en') return null;
    if (i18n.exists(`help:metrics.${column}`)) return t(`metrics.${column as keyof (typeof en)['help']['metrics']}`);
    const label = labels.column(column);
    return label === column ? null : label;
  };
}

/** All tables and columns with what they mean; a click inserts the name. */
export function SchemaPanel({ schema, onInsert }: SchemaPanelProps): ReactNode {
  const { t } = useTranslation('sql');
  const [text, setText] = useState('');
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set(['sessions']));
  const found = useMemo(() => searchSchema(schema.data ?? [], text), [schema.data, text]);
  const meaning = useMeaning();
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
                          <span className={styles.soft} lang="en">
                            {type}
                          </span>
                        </span>
                        {meaning(name) !== null && <span className={styles.comment}>{meaning(name)}</span>}
                        {/* The server's own words, which are English. */}
                        {comment && (
                          <span className={styles.comment} lang="en">
                            {comment}
                          </span>
                        )}
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
