import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { totalOf, type ReportResponse } from '../../../api/query';
import { MetricTile, TileGrid } from '../../../components/figures/MetricTile';
import { HostileText } from '../../../components/text/HostileText';
import { MetricHelp } from '../../../filters/metrics/MetricHelp';
import { useCatalogue } from '../../../filters/reportContext';
import { senseOf } from '../../../format/metricKinds';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import { playersOf, TILE_METRICS, type Seen } from './useVisitor';
import styles from './VisitorPage.module.css';

interface VisitorTilesProps {
  answer: ReportResponse;
  seen: Seen;
  isStale: boolean;
  timeZone: string;
}

/** A visitor in numbers. */
export function VisitorTiles({ answer, seen, isStale, timeZone }: VisitorTilesProps): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const labels = useLabels();
  const catalogue = useCatalogue();
  const { names, count } = playersOf(answer);
  const moments = [
    ['firstSeen', seen.firstAt],
    ['lastSeen', seen.lastAt],
  ] as const;
  return (
    <div className={styles.tiles}>
      <TileGrid label={t('visitor.numbers')}>
        {TILE_METRICS.map((name) => {
          const value = totalOf(answer, name);
          const unit = catalogue.metrics.find((metric) => metric.name === name)?.unit ?? 'count';
          return (
            <MetricTile
              key={name}
              label={labels.metric(name)}
              help={<MetricHelp name={name} />}
              value={format.unitShort(value, unit, name)}
              exact={format.unit(value, unit, name)}
              sense={senseOf(name)}
              isStale={isStale}
            />
          );
        })}
        {moments.map(([name, at]) => (
          <MetricTile
            key={name}
            label={t(`visitor.${name}`)}
            value={seen.isPending ? '…' : format.date(at)}
            exact={format.exactTime(at)}
            note={at === null ? undefined : format.timeOfDay(at)}
            isStale={isStale}
          />
        ))}
        <MetricTile
          label={t('visitor.players')}
          value={format.number(count, 0)}
          note={
            names.length > 0 && (
              <span className={styles.names}>
                {names.map((name) => (
                  <HostileText key={name} text={name} max={24} />
                ))}
              </span>
            )
          }
          isStale={isStale}
        />
      </TileGrid>
    </div>
  );
}
