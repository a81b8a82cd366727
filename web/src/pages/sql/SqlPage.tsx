import { lazy, Suspense, useCallback, useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { Button } from '../../components/controls/Button';
import { Dialog, type DialogHandle } from '../../components/overlays/Dialog';
import { Loading } from '../../components/states/Loading';
import { Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { queryText } from '../../filters/scopeAddress';
import { EXAMPLES } from './examples';
import { ExamplesMenu, SavedMenu } from './QueryMenus';
import { ResultPanel } from './ResultPanel';
import { linkOf } from './savedQueries';
import { SchemaPanel } from './SchemaPanel';
import type { SqlEditorHandle } from './SqlEditor';
import styles from './SqlPage.module.css';
import { useSchema, useSqlFunctions } from './useSchema';
import { useSqlRun } from './useSqlRun';

const SqlEditor = lazy(() => import('./SqlEditor'));
const [FIRST_EXAMPLE] = EXAMPLES;
/** Parameters that belong to one result. */
const OF_RESULT = ['q', 'name', 'view', 'x', 'y', 'series', 'kind'];

/** Queries in SQL. The address holds the query that ran, so that users can share a result. */
export default function SqlPage(): ReactNode {
  const { t } = useTranslation('sql');
  const editor = useRef<SqlEditorHandle>(null);
  const dialog = useRef<DialogHandle>(null);
  const schema = useSchema();
  const functions = useSqlFunctions();
  const { run, start, cancel } = useSqlRun();
  const { params, hold } = useHeldQuery();
  const asked = params.get('q');
  const started = useRef<string | null>(null);

  const execute = useCallback(
    (sql: string, name?: string) => {
      if (sql.trim() === '') return;
      started.current = sql;
      hold(sql, name);
      start(sql);
    },
    [hold, start],
  );
  // A query in the address runs: at first, and when one goes back to it.
  useEffect(() => {
    if (asked === null || asked === started.current) return;
    started.current = asked;
    editor.current?.setText(asked);
    start(asked);
  }, [asked, start]);

  const choose = (sql: string, name?: string) => {
    editor.current?.setText(sql);
    execute(sql, name);
  };
  const insert = (text: string) => {
    dialog.current?.close();
    editor.current?.insert(text);
  };
  const isRunning = run.status === 'running';
  return (
    <Page>
      <PageHeader title={t('title')} hint={t('hint')} />
      <div className={styles.layout}>
        <aside className={styles.schema} aria-label={t('schema.label')}>
          <SchemaPanel schema={schema} onInsert={insert} />
        </aside>
        <div className={styles.main}>
          <section className={styles.query}>
            <div className={styles.editor} title={t('editor.keys')}>
              <Suspense fallback={<Loading lines={4} />}>
                <SqlEditor
                  handle={editor}
                  label={`${t('editor.label')}. ${t('editor.keys')}`}
                  initialText={asked ?? FIRST_EXAMPLE.sql}
                  tables={schema.data ?? NO_TABLES}
                  functions={functions.data ?? NO_FUNCTIONS}
                  onRun={execute}
                />
              </Suspense>
            </div>
            <div className={styles.bar}>
              <Button
                kind="primary"
                icon="play"
                title={t('editor.runTitle')}
                disabled={isRunning}
                onClick={() => execute(editor.current?.text() ?? '')}
              >
                {t('editor.run')}
              </Button>
              {isRunning && (
                <Button icon="close" onClick={cancel}>
                  {t('editor.cancel')}
                </Button>
              )}
              <ExamplesMenu onChoose={choose} />
              <SavedMenu
                text={() => editor.current?.text() ?? ''}
                initialName={params.get('name') ?? ''}
                onChoose={({ sql, name }) => choose(sql, name)}
              />
              <span className={styles.schemaButton}>
                <Button icon="table" onClick={() => dialog.current?.open()}>
                  {t('schema.open')}
                </Button>
              </span>
            </div>
          </section>
          <ResultPanel run={run} onCancel={cancel} onRetry={() => run.status !== 'idle' && execute(run.sql)} />
        </div>
      </div>
      <Dialog handle={dialog} title={t('schema.label')} kind="sheet">
        <div className={styles.sheet}>
          <SchemaPanel schema={schema} onInsert={insert} />
        </div>
      </Dialog>
    </Page>
  );
}

const NO_TABLES: readonly never[] = [];
const NO_FUNCTIONS: readonly never[] = [];

/** The address with the query that was run: each is an entry of the history of its own. */
function useHeldQuery() {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const latest = useRef(params);
  useEffect(() => {
    latest.current = params;
  });
  const hold = useCallback(
    (sql: string, name?: string) => {
      const now = latest.current;
      // The same query keeps how its result is shown.
      if (now.get('q') === sql) return;
      const kept = [...now].filter(([key]) => !OF_RESULT.includes(key));
      const own: [string, string][] = linkOf(sql) === null ? [] : [['q', sql], ...(name ? [['name', name] as [string, string]] : [])];
      navigate(`/sql${queryText([...kept, ...own])}`);
    },
    [navigate],
  );
  return { params, hold };
}
