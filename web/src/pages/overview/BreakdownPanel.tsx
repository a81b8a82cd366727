import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryReport } from '../../api/hooks';
import type { BoardPanel } from '../../api/kept';
import { allRowsOf } from '../../api/wholeTables';
import type { ReportQuery } from '../../api/query';
import { Button } from '../../components/controls/Button';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel } from '../../components/layout/Panel';
import { textForChart } from '../../components/text/clipText';
import { DimensionFields } from '../../filters/breakdown/DimensionFields';
import { isBrokenDownBy } from '../../filters/breakdown/dimensions';
import { queryScope, useChangeOwnParams, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { AddToBoard } from '../../kept/AddToBoard';
import { panelScope } from '../boards/panelRequest';
import styles from './BreakdownPanel.module.css';
import { BreakdownTable } from './BreakdownTable';
import type { OverviewChoice } from './overviewChoice';

const MORE_ROWS = 40;

/** The metrics by the values of up to three dimensions; a row leads on to the next dimension within it. */
export function BreakdownPanel({ choice, scope }: { choice: OverviewChoice; scope: ReadyScope }): ReactNode {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const format = useFormat(scope.time_zone);
  const change = useChangeOwnParams();
  const { metrics, by, order, rows } = choice;
  const breakdown = { metrics, dimensions: by, order_by: [order], limit: rows, ...(choice.names ? { names: true } : {}) };
  const reportQuery: ReportQuery = { ...queryScope(scope), ...breakdown };
  const report = useQueryReport(reportQuery);
  // The previous response, of other dimensions, has no rows for this table.
  const isOfChoice = report.data !== undefined && isBrokenDownBy(report.data, by);
  const answer = isOfChoice ? report.data : undefined;
  const title = t('breakdown.title', { dimension: by.map((name) => textForChart(labels.dimension(name))).join(' · ') });
  const boardPanel: BoardPanel = { title, kind: 'breakdown', parameters: { ...breakdown, ...panelScope(scope) } };
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
          <DimensionFields by={by} onChange={(next) => change({ by: next, order: null, rows: null })} />
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
          <Button kind="quiet" size="small" onClick={() => change({ rows: String(rows + MORE_ROWS) })}>
            {t('breakdown.more')}
          </Button>
        </div>
      )}
    </Panel>
  );
}
