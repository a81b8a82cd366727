import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Icon } from '../../../components/Icon';
import { Button } from '../../../components/controls/Button';
import { Panel } from '../../../components/layout/Panel';
import { useScopedHref } from '../../../filters/useScope';
import { useLabels } from '../../../i18n/useLabels';
import styles from './Diagnoses.module.css';
import type { RecordedEvent } from '../events/recordedEvent';

interface DiagnosesProps {
  names: readonly string[];
  events: readonly RecordedEvent[];
  onSelect: (sequence: number) => void;
}

/** The faults in the reports of the player, in words, and the remedies. */
export function Diagnoses({ names, events, onSelect }: DiagnosesProps): ReactNode {
  const { t } = useTranslation('sessions');
  const labels = useLabels();
  const href = useScopedHref();
  return (
    <Panel title={t('diagnoses.title', { count: names.length })} hint={t('diagnoses.hint')}>
      <ul className={styles.list}>
        {names.map((name) => {
          const { title, happened, fix } = labels.diagnosis(name);
          const first = firstWith(events, name);
          return (
            <li key={name} className={styles.item}>
              <h3 className={styles.title}>
                <span className={styles.sign}>
                  <Icon name="warning" size={14} />
                </span>
                {title}
              </h3>
              <p>{happened}</p>
              {fix && (
                <p className={styles.fix}>
                  <b>{t('diagnoses.fix')}:</b> {fix}
                </p>
              )}
              <p className={styles.links}>
                {first && (
                  <Button kind="quiet" size="small" onClick={() => onSelect(first.sequence)}>
                    {t('diagnoses.first')}
                  </Button>
                )}
                <Link to={href('/sessions', {}, { diagnosis: name })}>{t('diagnoses.other')}</Link>
              </p>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

/** The event with which a diagnosis came; none when it was there from the start. */
function firstWith(events: readonly RecordedEvent[], name: string): RecordedEvent | undefined {
  return events.find(({ effect }) => {
    const after = effect?.changes?.['diagnoses']?.to;
    return Array.isArray(after) && after.includes(name);
  });
}
