import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudienceAnswer } from '../../api/panels';
import type { ChartHandle } from '../../charts/Chart';
import { CurveChart, type CurveSeries } from '../../charts/CurveChart';
import { Button } from '../../components/controls/Button';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { useFormat } from '../../format/useFormat';

const CHART_HEIGHT = 280;
const MINUTE = 60;

interface AudiencePanelProps {
  query: PanelQuery;
  answer: AudienceAnswer | undefined;
}

/** How many watched each minute of a content, beside the average of all of it. */
export function AudiencePanel({ query, answer }: AudiencePanelProps): ReactNode {
  const { t } = useTranslation('content');
  const chart = useRef<ChartHandle>(null);
  const series = useMemo<CurveSeries[]>(() => {
    const values = answer?.audience ?? [];
    const curve: CurveSeries = { key: 'audience', name: t('audience.minute'), values, kind: 'area', color: 2 };
    const average = answer?.average_minute_audience ?? null;
    if (average === null) return [curve];
    return [curve, { key: 'average', name: t('audience.average'), values: values.map(() => average), color: 7 }];
  }, [answer, t]);
  const isEmpty = answer !== undefined && answer.audience.every((viewers) => viewers === 0);
  return (
    <Panel
      title={t('audience.title')}
      hint={<AudienceHint answer={answer} />}
      query={query}
      loadingHeight={CHART_HEIGHT}
      empty={isEmpty && <EmptyState icon="chart" title={t('audience.empty')} hint={t('audience.emptyHint')} />}
      actions={
        <Button kind="quiet" size="small" icon="download" onClick={() => chart.current?.exportPng('playhead-audience')}>
          PNG
        </Button>
      }
    >
      <CurveChart
        label={t('audience.label')}
        series={series}
        unit="viewers"
        x="seconds"
        xLabel={t('position')}
        first={(answer?.first_minute ?? 0) * MINUTE}
        step={MINUTE}
        height={CHART_HEIGHT}
        handle={chart}
      />
    </Panel>
  );
}

function AudienceHint({ answer }: { answer: AudienceAnswer | undefined }): ReactNode {
  const { t } = useTranslation('content');
  const format = useFormat();
  if (!answer) return '\u00a0';
  const { average_minute_audience: average, content_time_spent: spent, content_length: length } = answer;
  const parts = [
    average === null
      ? t('audience.noLength')
      : t('audience.hint', {
          average: format.number(average, 2),
          spent: format.duration(spent),
          length: format.duration(length),
        }),
  ];
  if (answer.is_cut) parts.push(t('isCut', { time: format.clock((answer.first_minute + answer.audience.length) * MINUTE) }));
  return parts.reduce((first, second) => t('sentences', { first, second }));
}
