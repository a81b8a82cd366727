import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge, type Tone } from '../../components/Badge';
import { Columns, Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import type { StreamStatus } from '../../api/liveStream';
import { ConcurrencyPanel } from './ConcurrencyPanel';
import { LiveFilterBar } from './LiveFilterBar';
import { LiveStaleBanner } from './LiveStaleBanner';
import { LiveTiles } from './LiveTiles';
import { NowPlaying } from './NowPlaying';
import { OpenSessions } from './OpenSessions';
import { RatesPanel } from './RatesPanel';
import { useSpanSeconds } from './SpanControl';
import { LiveProvider, useLiveSnapshot, useNewLiveStore } from './useLive';
import { useLiveFilters } from './useLiveFilters';

const TONES: Record<StreamStatus, Tone> = {
  connecting: 'neutral',
  connected: 'good',
  stale: 'warn',
  offline: 'bad',
};

export default function LivePage(): ReactNode {
  const { t } = useTranslation('live');
  const live = useLiveFilters();
  const store = useNewLiveStore(live.asked);
  const seconds = useSpanSeconds();
  return (
    <LiveProvider value={store}>
      <Page>
        <PageHeader title={t('title')} hint={t('hint')} badge={<StatusBadge />} />
        <LiveFilterBar live={live} />
        <LiveStaleBanner />
        <LiveTiles />
        <ConcurrencyPanel seconds={seconds} />
        <Columns min={440}>
          <NowPlaying />
          <RatesPanel seconds={seconds} />
        </Columns>
        <OpenSessions />
      </Page>
    </LiveProvider>
  );
}

function StatusBadge(): ReactNode {
  const { t } = useTranslation('live');
  const { status } = useLiveSnapshot();
  return (
    <span role="status">
      <Badge tone={TONES[status]} dot>
        {t(`status.${status}`)}
      </Badge>
    </span>
  );
}
