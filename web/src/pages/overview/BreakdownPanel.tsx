import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { postJson } from '../../api/client';
import { useComparedReport, useQueryReport } from '../../api/hooks';
import type { BoardPanel } from '../../api/kept';
import { allRowsOf } from '../../api/wholeTables';
import type { Cell, ReportQuery, ReportResponse } from '../../api/query';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel } from '../../components/layout/Panel';
import { MoreRows } from '../../components/tables/MoreRows';
import { textForChart } from '../../components/text/clipText';
import { DimensionFields } from '../../filters/breakdown/DimensionFields';
import { isBrokenDownBy } from '../../filters/breakdown/dimensions';
import { formerQuery, withFormer } from '../../filters/comparison/formerRows';
import { useCatalogue } from '../../filters/reportContext';
import { queryScope, useChangeOwnParams, type ReadyScope } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import { AddToBoard } from '../../kept/AddToBoard';
import { panelScope } from '../boards/panelRequest';
import { BreakdownTable } from './BreakdownTable';
import type { OverviewChoice } from './overviewChoice';

const MORE_ROWS = 40;

interface BreakdownPanelProps {
  choice: OverviewChoice;
  scope: ReadyScope;
  /** The totals of the period that is compared with. */
  before: ReportResponse | undefined;
}

/** The metrics by the values of up to three dimensions; a row leads on to the next dimension within it. */
export function BreakdownPanel({ choice, scope, before }: BreakdownPanelProps): ReactNode {
  const { t } = useTranslation('overview');
  const labels = useLabels();
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
  const former = useFormer(choice, scope, answer);
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
          rows={former.rows ?? answer.rows}
          hasFormer={former.hasFormer}
          before={before}
          allRows={async () => former.ofAll(await allRowsOf(reportQuery))}
        />
      )}
      {answer && (
        <MoreRows shown={answer.rows.length} all={answer.row_count_total} onMore={() => change({ rows: String(rows + MORE_ROWS) })} />
      )}
    </Panel>
  );
}

/** The numbers of the picked metric in the period that is compared with, for the rows in sight and for all. */
function useFormer(choice: OverviewChoice, scope: ReadyScope, answer: ReportResponse | undefined) {
  const catalogue = useCatalogue();
  const { by, shown } = choice;
  const over = scope.compared && queryScope(scope, scope.compared);
  const hasRows = answer !== undefined && answer.rows.length > 0;
  const report = useComparedReport(over && hasRows ? formerQuery(over, shown, by, answer) : null);
  const former = over ? report.data : undefined;
  const add = (rows: readonly Cell[][], of: ReportResponse, numbers: ReportResponse) =>
    withFormer(rows, of, by, numbers, shown, catalogue);
  return {
    rows: answer && former ? add(answer.rows, answer, former) : answer?.rows,
    hasFormer: former !== undefined,
    async ofAll(rows: Cell[][]): Promise<Cell[][]> {
      if (over === null || answer === undefined) return rows;
      return add(rows, answer, await postJson<ReportResponse>('/query', formerQuery(over, shown, by, null)));
    },
  };
}
