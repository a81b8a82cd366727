import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useQueryReport } from '../../api/hooks';
import { allRowsOf } from '../../api/wholeTables';
import type { ReportQuery } from '../../api/query';
import { Button } from '../../components/controls/Button';
import { textForChart } from '../../components/text/clipText';
import { EmptyState } from '../../components/states/EmptyState';
import { Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { Panel } from '../../components/layout/Panel';
import { TextField } from '../../components/controls/TextField';
import { ScopeBar } from '../../filters/ScopeBar';
import { queryScope, useChangeOwnParams, useScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import styles from './ContentList.module.css';
import { LIST_METRICS, MORE_ROWS, readListChoice, searchFilter } from './contentList';
import { ContentTable } from './ContentTable';

const SEARCH_PAUSE_MS = 300;

/** All watched contents with their metrics, to search and to sort. */
export default function ContentListPage(): ReactNode {
  const { t } = useTranslation('content');
  const scope = useScope();
  const format = useFormat(scope.time_zone);
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const choice = useMemo(() => readListChoice(params), [params]);
  const search = searchFilter(choice.search);
  const reportQuery: ReportQuery = {
    ...queryScope(scope),
    filters: search ? [...scope.filters, search] : scope.filters,
    metrics: [...LIST_METRICS],
    dimensions: ['content_id', 'content_name'],
    order_by: [choice.order],
    limit: choice.rows,
  };
  const report = useQueryReport(reportQuery);
  const answer = report.data;
  const isEmpty = answer?.rows.length === 0;
  const count = answer?.row_count_total ?? 0;
  const left = answer ? count - answer.rows.length : 0;
  return (
    <Page>
      <PageHeader title={t('title')} hint={t('list.hint')} />
      <ScopeBar fact="sessions" hideCompare />
      <Panel
        title={t('list.title')}
        hint={answer && !isEmpty ? t('list.count', { count, shown: format.number(count, 0) }) : '\u00a0'}
        query={report}
        flush={!isEmpty && answer !== undefined}
        empty={isEmpty && <NoContent search={choice.search} onClear={() => change({ q: null })} />}
        actions={
          <SearchField value={choice.search} onChange={(q) => change({ q: q || null, rows: null })} />
        }
      >
        {answer && (
          <ContentTable
            answer={answer}
            order={choice.order}
            onOrder={(order) => change({ order, rows: null })}
            allRows={() => allRowsOf(reportQuery)}
          />
        )}
        {answer && left > 0 && (
          <div className={styles.more}>
            <span>
              {t('list.shown', { shown: format.number(answer.rows.length, 0), all: format.number(count, 0) })}
            </span>
            <Button kind="quiet" size="small" onClick={() => change({ rows: String(choice.rows + MORE_ROWS) })}>
              {t('list.more')}
            </Button>
          </div>
        )}
      </Panel>
    </Page>
  );
}

function NoContent({ search, onClear }: { search: string; onClear: () => void }): ReactNode {
  const { t } = useTranslation('content');
  if (search === '') return <EmptyState icon="content" title={t('list.empty')} hint={t('list.emptyHint')} />;
  return (
    <EmptyState
      icon="search"
      title={t('list.notFound', { search: textForChart(search, 40) })}
      hint={t('list.notFoundHint')}
      actions={<Button onClick={onClear}>{t('list.clear')}</Button>}
    />
  );
}

/** Asks when typing pauses, and at once on Enter. */
function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }): ReactNode {
  const { t } = useTranslation('content');
  const [text, setText] = useState(value);
  const latest = useRef({ value, onChange });
  useEffect(() => {
    latest.current = { value, onChange };
  });
  // The address may change by other ways, such as going back; what is being typed stays otherwise.
  useEffect(() => setText((typed) => (typed.trim() === value ? typed : value)), [value]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text.trim() !== latest.current.value) latest.current.onChange(text.trim());
    }, SEARCH_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== value) onChange(text.trim());
      }}
    >
      <TextField
        label={t('list.search')}
        hideLabel
        className={styles.search ?? ''}
        type="search"
        placeholder={t('list.search')}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}
