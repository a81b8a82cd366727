import { useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess } from '../api/hooks';
import { useRemove, type KeptAnnotation } from '../api/kept';
import { Badge, type Tone } from '../components/Badge';
import { Button } from '../components/controls/Button';
import { Dialog, type DialogHandle } from '../components/overlays/Dialog';
import { HostileText } from '../components/text/HostileText';
import { useFormat } from '../format/useFormat';
import { AnnotationForm } from './AnnotationForm';
import { useFaultOf } from '../i18n/useFaultOf';
import styles from './Kept.module.css';

const TONES: Record<KeptAnnotation['kind'], Tone> = { release: 'info', outage: 'bad', other: 'neutral' };

interface AnnotationsBarProps {
  annotations: readonly KeptAnnotation[];
  timeZone: string;
  /** Where the axis ends, as a first choice for a new one. */
  toMs: number;
}

/** What happened in the time of a chart, as a list; those who may change it there. */
export function AnnotationsBar({ annotations, timeZone, toMs }: AnnotationsBarProps): ReactNode {
  const { t } = useTranslation('kept');
  const access = useAccess();
  const dialog = useRef<DialogHandle>(null);
  const canAdd = access.data?.role === 'admin';
  if (annotations.length === 0 && !canAdd) return null;
  const label = annotations.length === 0 ? t('annotation.add') : t('annotation.shown', { count: annotations.length });
  return (
    <div className={styles.bar}>
      <Button kind="quiet" size="small" icon="flag" aria-haspopup="dialog" onClick={() => dialog.current?.open()}>
        {label}
      </Button>
      <Dialog handle={dialog} title={t('annotation.title')}>
        <AnnotationList {...{ annotations, timeZone, toMs, canAdd }} />
      </Dialog>
    </div>
  );
}

function AnnotationList({ annotations, timeZone, toMs, canAdd }: AnnotationsBarProps & { canAdd: boolean }): ReactNode {
  const { t } = useTranslation('kept');
  const faultOf = useFaultOf();
  const [edited, setEdited] = useState<KeptAnnotation | null>(null);
  const remove = useRemove('annotations');
  const fault = faultOf(remove.error);
  return (
    <>
      {annotations.length > 0 && (
        <ul className={styles.list} aria-label={t('annotation.title')}>
          {annotations.map((annotation) => (
            <li key={annotation.id} className={styles.item}>
              <AnnotationText annotation={annotation} timeZone={timeZone} />
              {annotation.can_change && (
                <>
                  <Button size="small" kind="quiet" onClick={() => setEdited(annotation)}>
                    {t('change')}
                  </Button>
                  <Button
                    size="small"
                    kind="quiet"
                    icon="close"
                    iconOnly
                    disabled={remove.isPending}
                    onClick={() => remove.mutate(annotation.id)}
                  >
                    {t('remove')}
                  </Button>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {fault && (
        <p className={styles.error} role="alert">
          {fault}
        </p>
      )}
      {canAdd && (
        <AnnotationForm
          // Another one to change begins with its own values.
          key={edited ? `${edited.id} ${edited.version}` : 'new'}
          edited={edited}
          timeZone={timeZone}
          atMs={Math.min(toMs, Date.now())}
          onDone={() => setEdited(null)}
        />
      )}
    </>
  );
}

function AnnotationText({ annotation, timeZone }: { annotation: KeptAnnotation; timeZone: string }): ReactNode {
  const { t } = useTranslation('kept');
  const format = useFormat(timeZone);
  const { at, to, kind, text, report_suite } = annotation;
  return (
    <>
      <span className={styles.time}>{to ? `${format.dateTime(at)} – ${format.dateTime(to)}` : format.dateTime(at)}</span>
      <Badge tone={TONES[kind]}>{t(`annotation.kinds.${kind}`)}</Badge>
      <span className={styles.text}>
        <HostileText text={text} max={400} wrap />
        {report_suite !== null && (
          <>
            {' · '}
            <HostileText text={report_suite} max={80} mono />
          </>
        )}
      </span>
    </>
  );
}
