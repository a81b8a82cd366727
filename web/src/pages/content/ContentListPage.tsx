import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useQueryReport } from '../../api/hooks';
import { columnIndex, textOf, type ReportQuery, type ReportResponse } from '../../api/query';
import { allRowsOf } from '../../api/wholeTables';
import { Button } from '../../components/controls/Button';
import { textForChart } from '../../components/text/clipText';
import { EmptyState } from '../../components/states/EmptyState';
import { Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { Panel } from '../../components/layout/Panel';
import { MoreRows } from '../../components/tables/MoreRows';
import { TextField } from '../../components/controls/TextField';
import { ScopeBar } from '../../filters/ScopeBar';
import { queryScope, useChangeOwnParams, useScope, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import styles from './ContentList.module.css';
import { contentsFilter, LIST_METRICS, MORE_ROWS, MOST_FOUND, readListChoice, searchFilter } from './contentList';
import { ContentTable } from './ContentTable';
import { contentsByClock } from './timelines';

const SEARCH_PAUSE_MS = 300;
/** The values of `timeline`. */
const MOST_TIMELINES = 4;

/** All watched contents with their metrics, to search and to sort. */
export default function ContentListPage(): ReactNode {
  const { t } = useTranslation('content');
  const scope = useScope();
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const choice = useMemo(() => readListChoice(params), [params]);
  const search = searchFilter(choice.search);
  // A title that is found may be one of several: what counts is the content, under all its names.
  const found = useQueryReport(
    search && {
      ...queryScope(scope),
      filters: [...scope.filters, search],
      metrics: ['content_starts'],
      dimensions: ['content_id'],
      order_by: ['-content_starts'],
      limit: MOST_FOUND,
    },
  );
  const ids = search ? found.data?.rows.map(([id]) => textOf(id)).filter((id) => id !== null) : undefined;
  const isNothingFound = ids?.length === 0;
  const reportQuery: ReportQuery = {
    ...queryScope(scope),
    filters: ids ? [...scope.filters, contentsFilter(ids)] : scope.filters,
    metrics: [...LIST_METRICS],
    dimensions: ['content_id'],
    names: true,
    order_by: [choice.order],
    limit: choice.rows,
  };
  const listed = useQueryReport((search && !ids) || isNothingFound ? null : reportQuery);
  const report = search && (!ids || isNothingFound) ? found : listed;
  const answer = report.data;
  const hasRows = answer !== undefined && report === listed && answer.rows.length > 0;
  const timelines = useQueryReport(hasRows ? timelinesQuery(scope, answer) : null);
  // Shares that mean nothing would stand there for a moment.
  const isPending = report.isPending || (hasRows && timelines.isPending);
  const byClock = useMemo(() => (timelines.data ? contentsByClock(timelines.data) : NONE), [timelines.data]);
  const isEmpty = answer?.rows.length === 0;
  const unlisted = search ? (found.data?.row_count_total ?? 0) - (ids?.length ?? 0) : 0;
  const count = answer?.row_count_total ?? 0;
  const left = answer ? count - answer.rows.length : 0;
  return (
    <Page>
      <PageHeader title={t('title')} hint={t('list.hint')} />
      <ScopeBar fact="sessions" hideCompare />
      <Panel
        title={t('list.title')}
        hint={answer && !isEmpty ? <ListHint count={count} unlisted={unlisted} /> : '\u00a0'}
        query={{ ...report, isPending }}
        flush={!isEmpty && answer !== undefined}
        empty={isEmpty && <NoContent search={choice.search} onClear={() => change({ q: null })} />}
        actions={
          <SearchField value={choice.search} onChange={(q) => change({ q: q || null, rows: null })} />
        }
      >
        {answer && report === listed && (
          <ContentTable
            answer={answer}
            byClock={byClock}
            order={choice.order}
            onOrder={(order) => change({ order, rows: null })}
            allRows={() => allRowsOf(reportQuery)}
          />
        )}
        {answer && left > 0 && (
          <div className={styles.more}>
            <MoreRows shown={answer.rows.length} all={count} onMore={() => change({ rows: String(choice.rows + MORE_ROWS) })} />
          </div>
        )}
      </Panel>
    </Page>
  );
}

const NONE: ReadonlySet<string> = new Set();

/** What the playheads of the contents shown count. */
function timelinesQuery(scope: ReadyScope, answer: ReportResponse): ReportQuery {
  const place = columnIndex(answer, 'content_id');
  const ids = answer.rows.map((row) => textOf(row[place])).filter((id) => id !== null);
  return {
    ...queryScope(scope),
    filters: [...scope.filters, contentsFilter(ids)],
    metrics: ['sessions'],
    dimensions: ['content_id', 'timeline'],
    limit: MOST_TIMELINES * answer.rows.length,
  };
}

function ListHint({ count, unlisted }: { count: number; unlisted: number }): ReactNode {
  const { t } = useTranslation('content');
  const format = useFormat();
  const first = t('list.count', { count, shown: format.number(count, 0) });
  if (unlisted <= 0) return first;
  return t('sentences', { first, second: t('list.tooMany', { shown: format.number(MOST_FOUND, 0) }) });
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
