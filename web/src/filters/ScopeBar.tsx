import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/controls/Button';
import { Select } from '../components/controls/Select';
import { useFormat } from '../format/useFormat';
import { useLabels } from '../i18n/useLabels';
import { SaveView } from '../kept/SaveView';
import { ComparisonPicker } from './comparison/ComparisonPicker';
import { ExcludedNote } from './ExcludedNote';
import { FilterChips } from './FilterChips';
import { FilterEditor } from './FilterEditor';
import { RangePicker } from './RangePicker';
import { useAskedAt, useCatalogue } from './reportContext';
import type { Counted } from './scopeFilters';
import styles from './ScopeBar.module.css';
import { useChangeScope, useScope, useZoneInAddress } from './useScope';
import { ZoneNote, ZonePicker } from './ZonePicker';

interface ScopeBarProps {
  /** The rows that the page counts; filters that these do not have are shown as not applied. */
  fact?: Counted;
  /** Leaves out the comparison, on pages that have none. */
  hideCompare?: boolean;
  /** Leaves out segment and filters, on pages that only take a range. */
  rangeOnly?: boolean;
  /** More controls of the page, at the end. */
  children?: ReactNode;
}

/** The scope of the page: range and zone, comparison, segment and filters. */
export function ScopeBar({ fact = 'sessions', hideCompare, rangeOnly, children }: ScopeBarProps): ReactNode {
  const { t } = useTranslation('filters');
  const ready = useScope(fact);
  const { scope, ignored, from, to } = ready;
  const change = useChangeScope();
  useZoneInAddress();
  const labels = useLabels();
  const catalogue = useCatalogue();
  const { askedAtMs, refresh } = useAskedAt();
  const format = useFormat(scope.timeZone);
  return (
    <div className={styles.bar} role="group" aria-label={t('scope')}>
      <RangePicker scope={scope} onChange={change} />
      <ZonePicker timeZone={scope.timeZone} onChange={(timeZone) => change({ timeZone })} />
      {!hideCompare && !rangeOnly && (
        <ComparisonPicker scope={ready} onChange={(compared) => change({ compared })} />
      )}
      {!rangeOnly && (
        <>
          <Select
            label={t('segment')}
            hideLabel
            value={scope.segment}
            options={catalogue.segments.map(({ name }) => ({ value: name, label: labels.segment(name) }))}
            onChange={(segment) => change({ segment })}
          />
          <FilterChips filters={scope.filters} ignored={ignored} onChange={(filters) => change({ filters })} />
          <FilterEditor filters={scope.filters} fact={fact} onChange={(filters) => change({ filters })} />
        </>
      )}
      <div className={styles.end}>
        <ExcludedNote from={from} to={to} />
        {children}
        <SaveView />
        <Button
          kind="quiet"
          icon="refresh"
          iconOnly
          onClick={refresh}
          title={`${t('refresh')} · ${t('refreshed', { time: format.timeOfDay(askedAtMs) })}`}
        >
          {t('refresh')}
        </Button>
      </div>
      <ZoneNote timeZone={scope.timeZone} onChange={(timeZone) => change({ timeZone })} />
    </div>
  );
}
