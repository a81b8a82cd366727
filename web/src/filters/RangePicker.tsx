import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/controls/Button';
import { Popover } from '../components/overlays/Popover';
import { TextField } from '../components/controls/TextField';
import { useFormat } from '../format/useFormat';
import { addDays, momentOf } from '../time/zone';
import styles from './RangePicker.module.css';
import { PRESETS, type Range, type Scope } from './scope';
import { daysOf, timeRange } from './scopeRange';

interface RangePickerProps {
  scope: Scope;
  onChange: (change: Partial<Scope>) => void;
}

/** The name of a range, as its button and its files have it. */
export function useRangeName(scope: Scope): string {
  const { t } = useTranslation('filters');
  const format = useFormat(scope.timeZone);
  const { range, timeZone } = scope;
  if ('preset' in range) return t(`presets.${range.preset}`);
  if (range.from.length > 10) {
    return `${format.dateTime(momentOf(range.from, timeZone))} – ${format.dateTime(momentOf(range.to, timeZone))}`;
  }
  const { from } = timeRange(range, timeZone, 0);
  const first = format.date(momentOf(from, timeZone));
  return range.from === range.to ? first : `${first} – ${format.date(momentOf(range.to, timeZone))}`;
}

/** The range of time: presets, and days or times of one's own. */
export function RangePicker({ scope, onChange }: RangePickerProps): ReactNode {
  const { t } = useTranslation('filters');
  const name = useRangeName(scope);
  return (
    <Popover label={name} title={t('range')} button={{ icon: 'calendar' }}>
      {(close) => {
        const choose = (range: Range) => {
          onChange({ range });
          close();
        };
        return (
          <div className={styles.picker}>
            <ul className={styles.presets}>
              {PRESETS.map((preset) => (
                <li key={preset}>
                  <button
                    type="button"
                    className={styles.preset}
                    aria-pressed={'preset' in scope.range && scope.range.preset === preset}
                    onClick={() => choose({ preset })}
                  >
                    {t(`presets.${preset}`)}
                  </button>
                </li>
              ))}
            </ul>
            <div className={styles.own}>
              <OwnRange scope={scope} onChoose={choose} />
            </div>
          </div>
        );
      }}
    </Popover>
  );
}

function OwnRange({ scope, onChoose }: { scope: Scope; onChoose: (range: Range) => void }): ReactNode {
  const { t } = useTranslation('filters');
  const isOfTimes = !('preset' in scope.range) && scope.range.from.length > 10;
  const [withTimes, setWithTimes] = useState(isOfTimes);
  const [ends, setEnds] = useState(() => {
    if (!('preset' in scope.range)) return { from: scope.range.from.slice(0, 16), to: scope.range.to.slice(0, 16) };
    const { first, last } = daysOf(scope.range, scope.timeZone, Date.now());
    return { from: first, to: last };
  });
  const [error, setError] = useState<string | null>(null);
  const type = withTimes ? 'datetime-local' : 'date';

  const switchTimes = (next: boolean) => {
    setWithTimes(next);
    setError(null);
    // The same range in the other form: the last day is included, the last time is not.
    setEnds(({ from, to }) =>
      next
        ? { from: `${from}T00:00`, to: to === '' ? '' : `${addDays(to, 1)}T00:00` }
        : { from: from.slice(0, 10), to: to.endsWith('T00:00') ? addDays(to.slice(0, 10), -1) : to.slice(0, 10) },
    );
  };
  const apply = (event: FormEvent) => {
    event.preventDefault();
    const isOrdered = withTimes ? ends.from < ends.to : ends.from <= ends.to;
    if (ends.from === '' || ends.to === '' || !isOrdered) return setError(t('wrongOrder'));
    return onChoose(ends);
  };
  return (
    <form className={styles.form} onSubmit={apply}>
      <TextField
        label={t('from')}
        type={type}
        value={ends.from}
        required
        onChange={(event) => setEnds({ ...ends, from: event.target.value })}
      />
      <TextField
        label={t('to')}
        type={type}
        value={ends.to}
        required
        error={error}
        onChange={(event) => {
          setError(null);
          setEnds({ ...ends, to: event.target.value });
        }}
      />
      <label className={styles.check}>
        <input type="checkbox" checked={withTimes} onChange={(event) => switchTimes(event.target.checked)} />
        {t('withTimes')}
      </label>
      <Button type="submit" kind="primary">
        {t('apply')}
      </Button>
    </form>
  );
}
