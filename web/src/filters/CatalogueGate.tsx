import { useMemo, useState, type ReactNode } from 'react';
import { Outlet } from 'react-router';
import { useCatalogueQuery } from '../api/hooks';
import { queryClient } from '../api/queryClient';
import { ErrorState } from '../components/states/ErrorState';
import { Loading } from '../components/states/Loading';
import { ExportScopeOfAddress } from './ExportScopeOfAddress';
import { AskedAtContext, CatalogueContext } from './reportContext';

/** Shows report pages as soon as the catalogue is there. */
export function CatalogueGate(): ReactNode {
  const { data, error, refetch } = useCatalogueQuery();
  const [askedAtMs, setAskedAtMs] = useState(() => Date.now());
  const askedAt = useMemo(
    () => ({
      askedAtMs,
      refresh: () => {
        setAskedAtMs(Date.now());
        void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'catalogue' });
      },
    }),
    [askedAtMs],
  );
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading />;
  return (
    <AskedAtContext value={askedAt}>
      <CatalogueContext value={data}>
        <ExportScopeOfAddress>
          <Outlet />
        </ExportScopeOfAddress>
      </CatalogueContext>
    </AskedAtContext>
  );
}
