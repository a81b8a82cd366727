import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { classNames } from '../../components/classNames';
import { clipText } from '../../components/text/clipText';
import { MarkedText } from '../../components/text/MarkedText';
import { useFaultText } from '../../i18n/useFaultText';
import type { BodyLine } from './markedBody';
import styles from './MarkedBody.module.css';

/** A body line by line, with each fault at its line. */
export function MarkedBody({ lines }: { lines: readonly BodyLine[] }): ReactNode {
  const { t } = useTranslation('connect');
  const said = useFaultText();
  return (
    <div className={styles.body} tabIndex={0} role="region" aria-label={t('faults.body')}>
      {lines.map((line, place) => (
        <div
          key={place}
          className={classNames(
            styles.line,
            line.faults.length > 0 && styles.faulty,
            line.isMissing && styles.missing,
          )}
        >
          <span className={styles.number} aria-hidden="true">
            {line.isMissing ? '+' : line.faults.length > 0 ? '!' : ''}
          </span>
          <span className={styles.text} style={{ paddingInlineStart: `${Math.min(line.depth, 16) * 14}px` }}>
            <bdi>
              <MarkedText text={line.text} />
            </bdi>{' '}
            {line.faults.map(({ message }, faultPlace) => (
              <span key={faultPlace} className={styles.message}>
                <MarkedText text={clipText(said(message), 200)} />
              </span>
            ))}
          </span>
        </div>
      ))}
    </div>
  );
}
