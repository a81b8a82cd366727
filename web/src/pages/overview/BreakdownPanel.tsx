import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryReport } from '../../api/hooks';
import type { BoardPanel } from '../../api/kept';
import { allRowsOf } from '../../api/wholeTables';
import type { ReportQuery } from '../../api/query';
import { Button } from '../../components/controls/Button';
import { Combobox } from '../../components/controls/Combobox';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel } from '../../components/layout/Panel';
import { useCatalogue } from '../../filters/reportContext';
import { dimensionNamed, METADATA_PREFIX } from '../../filters/scopeFilters';
import { useMetadataSuggestions } from '../../filters/useValueSuggestions';
import { queryScope, useChangeOwnParams, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { AddToBoard } from '../../kept/AddToBoard';
import { panelScope } from '../boards/panelRequest';
import styles from './BreakdownPanel.module.css';
import { BreakdownTable } from './BreakdownTable';
import { sessionDimensions, type OverviewChoice } from './overviewChoice';

const MORE_ROWS = 40;

/** The metrics by the values of one dimension; a value leads on to the next dimension within it. */
export function BreakdownPanel({ choice, scope }: { choice: OverviewChoice; scope: ReadyScope }): ReactNode {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const format = useFormat(scope.time_zone);
  const change = useChangeOwnParams();
  const reportQuery: ReportQuery = {
    ...queryScope(scope),
    metrics: choice.metrics,
    dimensions: [choice.by],
    ...(choice.namedBy ? { names: true } : {}),
    order_by: [choice.order],
    limit: choice.rows,
  };
  const report = useQueryReport(reportQuery);
  // The previous response, of another dimension, has no rows for this table.
  const isOfChoice = report.data?.columns[0]?.name === choice.by;
  const answer = isOfChoice ? report.data : undefined;
  const title = t('breakdown.title', { dimension: labels.dimension(choice.by) });
  const boardPanel: BoardPanel = {
    title,
    kind: 'breakdown',
    parameters: {
      metrics: choice.metrics,
      dimensions: [choice.by],
      order_by: [choice.order],
      limit: choice.rows,
      ...panelScope(scope),
    },
  };
  const left = answer ? answer.row_count_total - answer.rows.length : 0;
  const hasRows = answer !== undefined && answer.rows.length > 0;

  return (
    <Panel
      title={title}
      hint={hasRows && t('breakdown.hint')}
      query={{ ...report, isPending: report.isPending || (report.error === null && !isOfChoice) }}
      empty={answer?.rows.length === 0 && <EmptyState title={t('empty.title')} hint={t('empty.hint')} />}
      flush={hasRows}
      actions={
        <>
          <DimensionChooser by={choice.by} onChange={(by) => change({ by, order: null, rows: null })} />
          {hasRows && <AddToBoard panel={boardPanel} />}
        </>
      }
    >
      {answer && (
        <BreakdownTable
          caption={title}
          answer={answer}
          choice={choice}
          scope={scope}
          allRows={() => allRowsOf(reportQuery)}
        />
      )}
      {answer && left > 0 && (
        <div className={styles.more}>
          <span>
            {t('breakdown.shown', { shown: format.number(answer.rows.length), all: format.number(answer.row_count_total) })}
          </span>
          <Button kind="quiet" size="small" onClick={() => change({ rows: String(choice.rows + MORE_ROWS) })}>
            {t('breakdown.more')}
          </Button>
        </div>
      )}
    </Panel>
  );
}

export function DimensionChooser({ by, onChange }: { by: string; onChange: (by: string) => void }): ReactNode {
  const { t } = useTranslation('overview');
  const catalogue = useCatalogue();
  const labels = useLabels();
  const keys = useMetadataSuggestions();
  const options = useMemo(() => {
    const known = sessionDimensions(catalogue).map(({ name }) => ({ value: name, label: labels.dimension(name), detail: name }));
    const isOwn = by.startsWith('custom.') && !keys.some(({ value }) => value === by);
    const own = isOwn ? [{ value: by, label: labels.dimension(by), detail: by }] : [];
    return [...own, ...known, ...keys];
  }, [catalogue, labels, by, keys]);
  return (
    <div className={styles.dimension}>
      <Combobox
        label={t('breakdown.by')}
        hideLabel
        options={options}
        value={by}
        allowOther
        // Whatever else is typed is the name of a metadata of one's own.
        onChange={(chosen) => onChange(dimensionNamed(catalogue, chosen) ? chosen : `${METADATA_PREFIX}${chosen}`)}
      />
    </div>
  );
}
