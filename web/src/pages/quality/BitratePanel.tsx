import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { QualityAnswer } from '../../api/panels';
import { BarChart } from '../../charts/BarChart';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { bitrateBins } from './bitrateBins';

const CHART_HEIGHT = 260;

/** How many sessions played at which average bitrate. */
export function BitratePanel({
  query,
  answer,
}: {
  query: PanelQuery;
  answer: QualityAnswer | undefined;
}): ReactNode {
  const { t } = useTranslation('quality');
  const format = useFormat();
  const labels = useLabels();
  const { bins, withoutBitrate } = useMemo(() => bitrateBins(answer?.bitrates ?? []), [answer]);
  const categories = useMemo(
    () =>
      bins.map(({ from, to, isOpenEnded }) =>
        isOpenEnded
          ? t('bitrates.andMore', { from: format.compact(from) })
          : `${format.compact(from)}–${format.compact(to)}`,
      ),
    [bins, format, t],
  );
  const series = useMemo(
    () => [{ key: 'sessions', name: labels.metric('sessions'), values: bins.map(({ sessions }) => sessions), color: 1 }],
    [bins, labels],
  );
  const counted =
    withoutBitrate > 0
      ? t('bitrates.hintWithout', { count: withoutBitrate, shown: format.number(withoutBitrate, 0) })
      : t('bitrates.hint');
  const other = answer?.other.bitrates;
  const leftOut =
    other &&
    t('bitrates.cut', { others: format.number(other.values, 0), sessions: format.number(other.sessions, 0) });
  const hint = leftOut ? t('sentences', { first: counted, second: leftOut }) : counted;
  return (
    <Panel
      title={t('bitrates.title')}
      hint={hint}
      query={query}
      loadingHeight={CHART_HEIGHT}
      empty={
        answer !== undefined &&
        bins.length === 0 && (
          <EmptyState icon="quality" title={t('bitrates.empty')} hint={t('bitrates.emptyHint')} />
        )
      }
    >
      <BarChart
        label={t('bitrates.title')}
        categoryLabel={labels.dimension('average_bitrate_bucket')}
        categories={categories}
        series={series}
        unit="count"
        direction="vertical"
        height={CHART_HEIGHT}
      />
    </Panel>
  );
}
