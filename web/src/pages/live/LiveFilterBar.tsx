import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/controls/Button';
import { FilterChips } from '../../filters/FilterChips';
import { FilterEditor } from '../../filters/FilterEditor';
import { CatalogueContext } from '../../filters/reportContext';
import type { ScopeFilter } from '../../filters/scope';
import { useChangeScope } from '../../filters/useScope';
import styles from './LiveFilterBar.module.css';
import { filtersLive, type LiveFilters } from './useLiveFilters';

/** Whose sessions the page shows: the filters of the address, as on pages of reports. */
export function LiveFilterBar({ live }: { live: LiveFilters }): ReactNode {
  const { t } = useTranslation(['live', 'filters']);
  const changeScope = useChangeScope();
  const change = (filters: ScopeFilter[]) => changeScope({ filters });
  return (
    <div className={styles.bar} role="group" aria-label={t('live:filter.label')}>
      <FilterChips
        filters={live.filters}
        ignored={live.ignored}
        whyIgnored={(dimension) => t('live:filter.ignored', { dimension })}
        onChange={change}
      />
      {live.catalogue && (
        <CatalogueContext value={live.catalogue}>
          <FilterEditor filters={live.filters} fact="sessions" only={filtersLive} onChange={change} />
        </CatalogueContext>
      )}
      {live.filters.length > 1 && (
        <Button kind="quiet" onClick={() => change([])}>
          {t('filters:clear')}
        </Button>
      )}
    </div>
  );
}
