import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../components/layout/Panel';
import { FilterChips } from '../../filters/FilterChips';
import { FilterEditor } from '../../filters/FilterEditor';
import type { ScopeFilter } from '../../filters/scope';
import type { Side } from '../../filters/sides/sides';
import styles from './Sides.module.css';

/** What one side is about: its own filters, beside those of the page. */
export function SideCard({ side, onChange }: { side: Side; onChange: (filters: ScopeFilter[]) => void }): ReactNode {
  const { t } = useTranslation('sides');
  const { name, filters, ignored } = side;
  return (
    <Panel title={<span className={styles[name]}>{t(`names.${name}`)}</span>}>
      <div className={styles.filters}>
        {filters.length === 0 && <span className={styles.all}>{t('allHint')}</span>}
        <FilterChips filters={filters} ignored={ignored} onChange={onChange} />
        <FilterEditor filters={filters} fact="sessions" onChange={onChange} />
      </div>
    </Panel>
  );
}
