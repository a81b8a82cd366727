import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/controls/Button';
import { StaleBanner } from '../../components/states/StaleBanner';
import { useFormat } from '../../format/useFormat';
import { useFaultText } from '../../i18n/useFaultText';
import { useLiveSnapshot, useLiveStore } from './useLive';

/** Sessions are counted each second; older counts than this are worth a word. */
const COUNTED_LATE_MS = 5_000;

/** Says how old what is shown is, when it is not of this second. */
export function LiveStaleBanner(): ReactNode {
  const { t } = useTranslation('live');
  const store = useLiveStore();
  const format = useFormat();
  const said = useFaultText();
  const { status, message, lastMessageAt, refusal } = useLiveSnapshot();
  const isLate = status === 'stale' || status === 'offline';
  const now = useNow(isLate);
  const reconnect = (
    <Button size="small" icon="refresh" onClick={() => store.reconnect()}>
      {t('stale.reconnect')}
    </Button>
  );
  if (isLate && refusal !== null) {
    const faults = refusal.errors.map(({ path, message: fault }) => `${path} ${said(fault)}`);
    const reason = [said(refusal.message), ...faults].join('; ');
    return <StaleBanner actions={reconnect}>{t('stale.refused', { reason })}</StaleBanner>;
  }
  if (isLate && (lastMessageAt === null || message === null)) {
    return <StaleBanner actions={reconnect}>{t('stale.never')}</StaleBanner>;
  }
  if (isLate && lastMessageAt !== null && message !== null) {
    const age = format.duration(Math.max(0, Math.round((now - lastMessageAt) / 1000)));
    const text =
      status === 'offline'
        ? t('stale.offline', { age })
        : t('stale.silent', { age, time: format.timeOfDay(message.at) });
    return <StaleBanner actions={reconnect}>{text}</StaleBanner>;
  }
  if (message === null) return null;
  const countedMs = Date.parse(message.at) - Date.parse(message.counted_at);
  if (countedMs < COUNTED_LATE_MS) return null;
  return <StaleBanner>{t('stale.counted', { age: format.duration(Math.round(countedMs / 1000)) })}</StaleBanner>;
}

/** The time, each second while it is needed. */
function useNow(isNeeded: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isNeeded) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isNeeded]);
  return now;
}
