import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/controls/Button';
import { Combobox } from '../components/controls/Combobox';
import { Popover } from '../components/overlays/Popover';
import { chooseZone, useUsualZone, zoneLabel } from '../time/readerZone';
import { allZones } from '../time/zone';
import styles from './ZonePicker.module.css';

interface ZonePickerProps {
  timeZone: string;
  onChange: (timeZone: string) => void;
}

/** The time zone of the page's days and times. */
export function ZonePicker({ timeZone, onChange }: ZonePickerProps): ReactNode {
  const { t } = useTranslation('filters');
  const label = (
    <>
      <span className="visually-hidden">{t('timeZone')}: </span>
      {zoneLabel(timeZone)}
    </>
  );
  return (
    <Popover label={label} title={t('timeZone')} button={{ icon: 'globe' }}>
      {(close) => (
        <div className={styles.picker}>
          <Combobox
            label={t('timeZone')}
            options={allZones().map((zone) => ({ value: zone, label: zoneLabel(zone) }))}
            value={timeZone}
            onChange={(chosen) => {
              onChange(chosen);
              close();
            }}
          />
          <p className={styles.hint}>{t('timeZoneHint')}</p>
        </div>
      )}
    </Popover>
  );
}

/** Says that the page is in another zone than the reader's, as a link may have it, with the way back. */
export function ZoneNote({ timeZone, onChange }: ZonePickerProps): ReactNode {
  const { t } = useTranslation('filters');
  const usual = useUsualZone();
  if (timeZone === usual) return null;
  const [zone, own] = [zoneLabel(timeZone), zoneLabel(usual)];
  return (
    <p className={styles.note} role="note">
      <span>{t('otherZone', { zone, own })}</span>
      <Button size="small" onClick={() => onChange(usual)}>
        {t('ownZone', { own })}
      </Button>
      <Button size="small" kind="quiet" onClick={() => chooseZone(timeZone)}>
        {t('keepZone', { zone })}
      </Button>
    </p>
  );
}
