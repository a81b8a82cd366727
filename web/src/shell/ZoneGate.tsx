import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Outlet, useSearchParams } from 'react-router';
import { zoneClocks } from '../api/hooks';
import { Loading } from '../components/states/Loading';
import { useUsualZone } from '../time/readerZone';
import { isZone } from '../time/zone';

/**
 * Shows pages as soon as the server has said what the clocks of their zone show. If it does not, they show what the
 * browser knows.
 */
export function ZoneGate(): ReactNode {
  const [params] = useSearchParams();
  const chosen = params.get('tz');
  const usual = useUsualZone();
  const own = useQuery(zoneClocks(usual));
  const scoped = useQuery(zoneClocks(chosen !== null && isZone(chosen) ? chosen : usual));
  return own.isPending || scoped.isPending ? <Loading /> : <Outlet />;
}
