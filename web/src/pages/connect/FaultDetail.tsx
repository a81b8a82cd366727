import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Fault } from '../../api/client';
import type { RefusedRequest } from '../../api/live';
import { clipText, textForChart } from '../../components/text/clipText';
import { CopyButton } from '../../components/controls/CopyButton';
import { HostileText } from '../../components/text/HostileText';
import { MarkedText } from '../../components/text/MarkedText';
import { markedText } from '../../components/text/visibleText';
import { useFaultText } from '../../i18n/useFaultText';
import { useFormat } from '../../format/useFormat';
import { adviceOnFault, adviceOnRequest, keyOf } from './advice';
import styles from './FaultDetail.module.css';
import { MarkedBody } from './MarkedBody';
import { markedBody, placeOfSyntaxError } from './markedBody';

/** Faults that are listed; a body can have very many of the same kind. */
const MOST_LISTED = 40;

/** One refused request: what is wrong, what to do, and the body with the places marked. */
export function FaultDetail({ fault }: { fault: RefusedRequest }): ReactNode {
  const { t } = useTranslation('connect');
  const format = useFormat();
  const said = useFaultText();
  const advice = adviceOnRequest(fault);
  const { body, errors, message } = fault;
  const lines = useMemo(() => markedBody(body, errors), [body, errors]);
  const messages = [message, ...errors.map((error) => error.message)];
  return (
    <div className={styles.detail}>
      <p className={styles.message}>
        <HostileText text={said(message)} max={400} wrap />
        {advice && <span className={styles.advice}>{t(`advice.${advice}`, { key: '' })}</span>}
      </p>
      {errors.length > 0 && (
        <ol className={styles.errors}>
          {errors.slice(0, MOST_LISTED).map((error, place) => (
            <ErrorLine key={place} error={error} />
          ))}
        </ol>
      )}
      <dl className={styles.facts}>
        {fault.session_id && (
          <Fact name={t('faults.session')}>
            <Link to={`/sessions/${fault.session_id}`}>
              <HostileText text={fault.session_id} max={17} mono />
            </Link>
          </Fact>
        )}
        {fault.report_suite && (
          <Fact name={t('faults.suite')}>
            <HostileText text={fault.report_suite} max={60} />
          </Fact>
        )}
        {fault.user_agent && (
          <Fact name={t('faults.client')}>
            <HostileText text={fault.user_agent} max={120} />
          </Fact>
        )}
        {fault.origin && (
          <Fact name={t('faults.origin')}>
            <HostileText text={fault.origin} max={80} />
          </Fact>
        )}
      </dl>
      <div className={styles.bodyHeader}>
        <h3 className={styles.bodyTitle}>{t('faults.body')}</h3>
        {fault.body_is_cut && (
          <span className={styles.cut}>
            {t('faults.bodyCut', {
              shown: format.bytes(new TextEncoder().encode(body).length),
              total: format.bytes(fault.body_bytes),
            })}
          </span>
        )}
        {body !== '' && <CopyButton text={body} kind="quiet" />}
      </div>
      {body === '' ? (
        <p className={styles.none}>{t('faults.noBody')}</p>
      ) : lines ? (
        <MarkedBody lines={lines} />
      ) : (
        <RawBody body={body} place={placeOfSyntaxError(body, messages)} />
      )}
    </div>
  );
}

function ErrorLine({ error }: { error: Fault }): ReactNode {
  const { t } = useTranslation('connect');
  const said = useFaultText();
  const key = error.path === '' ? t('faults.root') : textForChart(keyOf(error.path), 60);
  return (
    <li className={styles.error}>
      <code className={styles.path}>
        <HostileText text={error.path === '' ? t('faults.root') : error.path} max={160} wrap />
      </code>
      <span>
        <HostileText text={said(error.message)} max={300} wrap />
      </span>
      <span className={styles.advice}>{t(`advice.${adviceOnFault(error)}`, { key })}</span>
    </li>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A body that is not JSON, unchanged, with a mark where parsing failed. */
function RawBody({ body, place }: { body: string; place: number | null }): ReactNode {
  const { t } = useTranslation('connect');
  const text = clipText(body, 4_096);
  return (
    <pre className={styles.raw} tabIndex={0} role="region" aria-label={t('faults.body')}>
      <bdi>
        <MarkedText text={place === null ? text : text.slice(0, place)} />
        {place !== null && <mark className={styles.mark}>{markedText(text.slice(place, place + 1)) || ' '}</mark>}
        {place !== null && <MarkedText text={text.slice(place + 1)} />}
      </bdi>
    </pre>
  );
}
