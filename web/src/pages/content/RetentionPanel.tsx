import { useMemo, useRef, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { usePanel } from '../../api/hooks';
import type { RetentionAnswer } from '../../api/panels';
import type { ChartHandle } from '../../charts/Chart';
import { CurveChart, type CurveSeries } from '../../charts/CurveChart';
import { Button } from '../../components/controls/Button';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel } from '../../components/layout/Panel';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { panelParams, useChangeOwnParams, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { means, valuesPerPoint } from './curvePoints';

const CHART_HEIGHT = 280;

interface RetentionPanelProps {
  scope: ReadyScope;
  contentId: string;
  /** The content's length, seconds; null when it has none, undefined while it is not known. */
  length: number | null | undefined;
}

/** Which share of those who began a content watched each part of it, and how often parts were watched again. */
export function RetentionPanel({ scope, contentId, length }: RetentionPanelProps): ReactNode {
  const { t } = useTranslation('content');
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const chart = useRef<ChartHandle>(null);
  const chosen = params.get('by');
  // Live streams have no length, hence no percents.
  const by = chosen === 'second' || (chosen !== 'percent' && length === null) ? 'second' : 'percent';
  const retention = usePanel('retention', { ...panelParams(scope), content_id: contentId, by });
  const answer = retention.data;
  return (
    <Panel
      title={t('retention.title')}
      hint={<RetentionHint answer={answer} />}
      query={retention}
      loadingHeight={CHART_HEIGHT}
      empty={
        answer !== undefined &&
        answer.watched.every((count) => count === 0) && (
          <NoRetention answer={answer} onSeconds={() => change({ by: 'second' })} />
        )
      }
      actions={
        <>
          <SegmentedControl
            label={t('retention.by')}
            options={[
              { value: 'percent', label: t('retention.percent') },
              { value: 'second', label: t('retention.second') },
            ]}
            value={by}
            onChange={(value) => change({ by: value })}
          />
          <Button
            kind="quiet"
            size="small"
            icon="download"
            onClick={() => chart.current?.exportPng('playhead-retention')}
          >
            PNG
          </Button>
        </>
      }
    >
      {answer && <RetentionChart answer={answer} handle={chart} />}
    </Panel>
  );
}

function RetentionChart({ answer, handle }: { answer: RetentionAnswer; handle: Ref<ChartHandle> }): ReactNode {
  const { t } = useTranslation('content');
  const group = valuesPerPoint(answer.watched.length);
  // Each part of a live stream may be watched by few, which would not be seen below an axis up to all.
  const isLow = answer.share.every((share) => share < 0.25);
  const series = useMemo<CurveSeries[]>(
    () => [
      { key: 'share', name: t('retention.share'), values: means(answer.share, group), kind: 'area' },
      {
        key: 'rewatched',
        name: t('retention.rewatched'),
        values: means(answer.rewatched, group),
        unit: 'count',
        kind: 'bar',
        isOnRight: true,
      },
    ],
    [answer, group, t],
  );
  return (
    <CurveChart
      label={t('retention.label')}
      series={series}
      unit="ratio"
      {...(isLow ? {} : { most: 1 })}
      x={answer.by === 'percent' ? 'percent' : 'seconds'}
      xLabel={t('position')}
      first={answer.first}
      step={group}
      height={CHART_HEIGHT}
      handle={handle}
    />
  );
}

function RetentionHint({ answer }: { answer: RetentionAnswer | undefined }): ReactNode {
  const { t } = useTranslation('content');
  const format = useFormat();
  if (!answer) return '\u00a0';
  const count = answer.content_starts;
  const parts = [t('retention.hint', { count, shown: format.number(count, 0) })];
  const group = valuesPerPoint(answer.watched.length);
  if (group > 1) parts.push(t('retention.grouped', { count: group, shown: format.number(group, 0) }));
  if (answer.is_cut) parts.push(t('isCut', { time: format.clock(answer.first + answer.watched.length) }));
  return parts.reduce((first, second) => t('sentences', { first, second }));
}

function NoRetention({ answer, onSeconds }: { answer: RetentionAnswer; onSeconds: () => void }): ReactNode {
  const { t } = useTranslation('content');
  if (answer.by === 'percent' && answer.content_length === null && answer.content_starts > 0) {
    return (
      <EmptyState
        icon="chart"
        title={t('retention.noLength')}
        hint={t('retention.noLengthHint')}
        actions={<Button onClick={onSeconds}>{t('retention.toSeconds')}</Button>}
      />
    );
  }
  return <EmptyState icon="chart" title={t('retention.empty')} hint={t('retention.emptyHint')} />;
}
