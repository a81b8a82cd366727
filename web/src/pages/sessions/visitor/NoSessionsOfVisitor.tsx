import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Button } from '../../../components/controls/Button';
import { EmptyState } from '../../../components/states/EmptyState';
import { Loading } from '../../../components/states/Loading';
import { useChangeScope, useScopedHref } from '../../../filters/useScope';
import { useFormat } from '../../../format/useFormat';
import { dateIn } from '../../../time/zone';
import { useSeen } from './useVisitor';

/** Why a visitor has no sessions here: they lie outside the range, or nobody has that id. */
export function NoSessionsOfVisitor({ id, timeZone }: { id: string; timeZone: string }): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const href = useScopedHref();
  const change = useChangeScope();
  const { firstAt, lastAt, isPending } = useSeen(id, { time_zone: timeZone });
  if (isPending) return <Loading lines={3} />;
  if (firstAt === null || lastAt === null) {
    return (
      <EmptyState
        icon="search"
        title={t('visitor.nobodyTitle')}
        hint={t('visitor.nobodyHint')}
        actions={<Link to={href('/sessions', {}, { q: id })}>{t('visitor.searchPart')}</Link>}
      />
    );
  }
  const day = (at: string) => dateIn(Date.parse(at), timeZone);
  return (
    <EmptyState
      icon="calendar"
      title={t('visitor.otherDaysTitle')}
      hint={t('visitor.otherDaysHint', { first: format.date(firstAt), last: format.date(lastAt) })}
      actions={
        <Button onClick={() => change({ range: { from: day(firstAt), to: day(lastAt) } })}>{t('visitor.showOtherDays')}</Button>
      }
    />
  );
}
