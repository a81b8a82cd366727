import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useQueryReport } from '../../api/hooks';
import { columnIndex, otherNames, textOf } from '../../api/query';
import { Badge } from '../../components/Badge';
import { CopyButton } from '../../components/controls/CopyButton';
import { AlsoKnownAs } from '../../components/text/NamedId';
import { HostileText } from '../../components/text/HostileText';
import { Icon } from '../../components/Icon';
import { PageHeader } from '../../components/layout/PageHeader';
import { textForChart } from '../../components/text/clipText';
import { queryScope, useScopedHref, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { contentFilter, withContent } from './contentList';
import styles from './ContentDetail.module.css';

interface ContentHeaderProps {
  scope: ReadyScope;
  contentId: string;
  /** Seconds; null when it has none, undefined while it is not known. */
  length: number | null | undefined;
}

/** The properties of the content, and the link to its sessions. */
export function ContentHeader({ scope, contentId, length }: ContentHeaderProps): ReactNode {
  const { t } = useTranslation('content');
  const href = useScopedHref();
  const format = useFormat();
  const labels = useLabels();
  // Its names do not depend on the filters.
  const facts = useQueryReport({
    ...queryScope(withContent({ ...scope, filters: [], segment: 'all' }, contentId)),
    metrics: ['sessions'],
    dimensions: ['content_id', 'content_type'],
    names: true,
    order_by: ['-sessions'],
    limit: 1,
  });
  const fact = (column: string) => textOf(facts.data?.rows[0]?.[columnIndex(facts.data, column)]);
  const [name, type] = [fact('content_name') ?? contentId, fact('content_type')];
  const others = facts.data && otherNames(facts.data, 'content_id').get(contentId);
  const windowTitle = useMemo(() => textForChart(name, 60), [name]);
  return (
    <PageHeader
      title={t('title')}
      windowTitle={windowTitle}
      above={
        <Link to={href('/content')} className={styles.back}>
          <Icon name="left" size={14} />
          {t('detail.back')}
        </Link>
      }
      badge={type && <Badge>{textForChart(labels.segment(type), 24)}</Badge>}
      actions={
        <>
          <Link className={styles.link} to={href('/quality', { filters: [...scope.scope.filters, contentFilter(contentId)] })}>
            {t('detail.quality')}
          </Link>
          <Link className={styles.link} to={href('/sessions', {}, { content: contentId })}>
            {t('detail.sessions')}
            <Icon name="right" size={14} />
          </Link>
        </>
      }
      hint={
        <span className={styles.facts}>
          <span className={styles.fact}>
            <span className={styles.factName}>{t('detail.id')}</span>
            <HostileText text={contentId} max={80} mono />
            <CopyButton text={contentId} kind="quiet" iconOnly />
          </span>
          {others && (
            <span className={styles.fact}>
              <AlsoKnownAs others={others} max={60} />
            </span>
          )}
          {length !== undefined && (
            <span className={styles.fact}>
              <span className={styles.factName}>{t('detail.length')}</span>
              {length === null ? t('detail.noLength') : format.clock(length)}
            </span>
          )}
        </span>
      }
    >
      <HostileText text={name} max={120} wrap />
    </PageHeader>
  );
}
