import type { ReactNode } from 'react';
import { Outlet, useSearchParams } from 'react-router';
import { useZoneClocks } from '../api/hooks';
import { Loading } from '../components/states/Loading';
import { browserZone, isZone } from '../time/zone';

/**
 * Shows pages as soon as the server has said what the clocks of their zone show. If it does not, they show what the
 * browser knows.
 */
export function ZoneGate(): ReactNode {
  const [params] = useSearchParams();
  const chosen = params.get('tz');
  const own = useZoneClocks(browserZone());
  const scoped = useZoneClocks(chosen !== null && isZone(chosen) ? chosen : browserZone());
  return own.isPending || scoped.isPending ? <Loading /> : <Outlet />;
}
