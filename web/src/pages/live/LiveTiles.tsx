import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { seriesColor } from '../../charts/chartTheme';
import { MetricTile, TileGrid } from '../../components/figures/MetricTile';
import { NOTHING } from '../../format/format';
import { useFormat } from '../../format/useFormat';
import type { CountName } from './liveWindow';
import { useIsStale, useLiveSnapshot, useLiveStore } from './useLive';

/** Sparklines show five minutes, each point the mean of five seconds. */
const POINTS = 60;
const POINT_SECONDS = 5;

const MINUTE = 60;

/** The numbers of this second. */
export function LiveTiles(): ReactNode {
  const { t } = useTranslation('live');
  const { window, countedFrom } = useLiveStore();
  const { message } = useLiveSnapshot();
  const isStale = useIsStale();
  const format = useFormat();
  const run = (name: CountName) => window.means(name, POINTS, POINT_SECONDS);
  const written = (value: number | undefined) => (value === undefined ? NOTHING : format.number(value, 0));
  const perMinute = (name: CountName) => (message ? window.sum(name, MINUTE) : undefined);
  const refused = perMinute('refused') ?? 0;
  const buffering = message && bufferingShare(message.sessions_buffering, message.sessions_playing);
  const active = message?.sessions_active;
  const countedSeconds = countedFrom === null || window.endSecond === null ? MINUTE : window.endSecond - countedFrom + 1;
  // Nobody counted the starts of these sessions before.
  const soFar = countedSeconds < MINUTE ? t('tiles.soFar', { age: format.duration(countedSeconds) }) : ' ';
  return (
    <TileGrid label={t('tiles.label')}>
      <MetricTile
        label={t('tiles.active')}
        definition={t('tiles.activeHint')}
        value={written(active)}
        note={
          message
            ? t('tiles.silentSessions', { count: message.sessions_silent, shown: written(message.sessions_silent) })
            : ' '
        }
        sparkline={run('sessions_active')}
        color={seriesColor(0)}
        isStale={isStale}
      />
      <MetricTile
        label={t('tiles.playing')}
        value={written(message?.sessions_playing)}
        note={message && active ? t('tiles.ofActive', { share: format.percent(message.sessions_playing / active) }) : ' '}
        sparkline={run('sessions_playing')}
        color={seriesColor(2)}
        isStale={isStale}
      />
      <MetricTile
        label={t('tiles.viewers')}
        definition={t('tiles.viewersHint')}
        value={written(message?.viewers_active)}
        note={message ? t('tiles.playingViewers', { count: message.viewers_playing, shown: written(message.viewers_playing) }) : ' '}
        sparkline={run('viewers_active')}
        color={seriesColor(1)}
        isStale={isStale}
      />
      <MetricTile
        label={t('tiles.rebuffering')}
        definition={t('tiles.rebufferingHint')}
        value={message ? format.percent(buffering, 2) : NOTHING}
        note={
          message
            ? t('tiles.bufferingSessions', {
                count: message.sessions_buffering,
                shown: written(message.sessions_buffering),
              })
            : ' '
        }
        sparkline={bufferingRun(run('sessions_buffering'), run('sessions_playing'))}
        color={seriesColor(5)}
        isStale={isStale}
      />
      <MetricTile
        label={t('tiles.starts')}
        definition={t('tiles.startsHint')}
        value={written(perMinute('media_starts'))}
        note={soFar}
        sparkline={run('media_starts')}
        color={seriesColor(2)}
        isStale={isStale}
      />
      <MetricTile
        label={t('tiles.errors')}
        definition={t('tiles.errorsHint')}
        value={written(perMinute('errors'))}
        note={soFar}
        sparkline={run('errors')}
        color="var(--bad)"
        isStale={isStale}
      />
      <MetricTile
        label={t('tiles.events')}
        value={written(message?.events)}
        note={
          refused > 0 ? (
            <Link to="/connect">{t('tiles.refused', { count: refused, shown: written(refused) })}</Link>
          ) : (
            ' '
          )
        }
        sparkline={run('events')}
        color={seriesColor(0)}
        isStale={isStale}
      />
    </TileGrid>
  );
}

/** Sessions that buffer as a share of those that play or would; null when there are none. */
function bufferingShare(buffering: number, playing: number): number | null {
  const all = buffering + playing;
  return all === 0 ? null : buffering / all;
}

function bufferingRun(buffering: (number | null)[], playing: (number | null)[]): (number | null)[] {
  return buffering.map((value, place) => {
    const other = playing[place];
    return value === null || other === null || other === undefined ? null : bufferingShare(value, other);
  });
}
