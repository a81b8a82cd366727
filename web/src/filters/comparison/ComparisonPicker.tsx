import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/controls/Button';
import { TextField } from '../../components/controls/TextField';
import { Popover } from '../../components/overlays/Popover';
import type { Comparison } from '../scope';
import type { ReadyScope } from '../useScope';
import styles from './Comparison.module.css';
import { MOVING } from './period';
import { usePeriodName } from './usePeriodName';

interface ComparisonPickerProps {
  scope: ReadyScope;
  onChange: (compared: Comparison | null) => void;
}

/** Switches the comparison on and off, and chooses with which period; that one's own range is in sight. */
export function ComparisonPicker({ scope, onChange }: ComparisonPickerProps): ReactNode {
  const { t } = useTranslation('filters');
  const name = usePeriodName(scope);
  const chosen = scope.scope.compared;
  return (
    <>
      <Button
        icon="compare"
        className={styles.toggle ?? ''}
        aria-pressed={chosen !== null}
        title={t('compareHint')}
        onClick={() => onChange(chosen === null ? 'previous' : null)}
      >
        {t('compare')}
      </Button>
      {chosen !== null && (
        <Popover label={name} title={t('comparison.title')}>
          {(close) => {
            const choose = (comparison: Comparison) => {
              onChange(comparison);
              close();
            };
            return (
              <div className={styles.picker}>
                <ul className={styles.list}>
                  {MOVING.map((comparison) => (
                    <li key={comparison}>
                      <button
                        type="button"
                        className={styles.choice}
                        aria-pressed={chosen === comparison}
                        onClick={() => choose(comparison)}
                      >
                        {t(`comparison.${comparison}`)}
                      </button>
                    </li>
                  ))}
                </ul>
                <OwnStart scope={scope} onChoose={choose} />
              </div>
            );
          }}
        </Popover>
      )}
    </>
  );
}

function OwnStart({ scope, onChoose }: { scope: ReadyScope; onChoose: (comparison: Comparison) => void }): ReactNode {
  const { t } = useTranslation('filters');
  const [from, setFrom] = useState(scope.compared?.from.slice(0, 10) ?? '');
  const apply = (event: FormEvent) => {
    event.preventDefault();
    if (from !== '') onChoose({ from });
  };
  return (
    <form className={styles.own} onSubmit={apply}>
      <TextField
        label={t('comparison.start')}
        type="date"
        value={from}
        required
        min="0002-01-01"
        max="9990-12-31"
        onChange={(event) => setFrom(event.target.value)}
      />
      <p className={styles.hint}>{t('comparison.startHint')}</p>
      <Button type="submit" kind="primary">
        {t('apply')}
      </Button>
    </form>
  );
}
