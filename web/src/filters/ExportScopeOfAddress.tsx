import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { ExportScopeContext, type ExportScope } from '../components/exportScope';
import { useFormat } from '../format/useFormat';
import { useLabels } from '../i18n/useLabels';
import { zoneLabel } from '../time/readerZone';
import { momentOf } from '../time/zone';
import { usePeriodName } from './comparison/usePeriodName';
import { useAskedAt } from './reportContext';
import { defaultScope } from './scope';
import { daysOf } from './scopeRange';
import { useConditionText } from './sides/useConditionText';
import { useScope } from './useScope';

/** Pages that have no range, although the address may hold one for those that do. */
const WITHOUT_RANGE = /^\/(sql$|sessions\/)/;

/** Pages that draw another period beside the present one. */
const COMPARES = /^\/(overview$|quality$|concurrency$|content\/|boards\/)/;

/** Tells pictures and files of a page its range, zone and filters. */
export function ExportScopeOfAddress({ children }: { children: ReactNode }): ReactNode {
  const { t } = useTranslation('filters');
  const { pathname } = useLocation();
  const ready = useScope();
  const { scope } = ready;
  const period = usePeriodName(ready);
  const { askedAtMs } = useAskedAt();
  const format = useFormat(scope.timeZone);
  const labels = useLabels();
  const conditionText = useConditionText();
  const value = useMemo((): ExportScope => {
    const { range, timeZone, segment, filters } = scope;
    const isOfTimes = !('preset' in range) && range.from.length > 10;
    const { first, last } = isOfTimes ? { first: range.from, last: range.to } : daysOf(range, timeZone, askedAtMs);
    const written = (moment: string) => (isOfTimes ? format.dateTime : format.date)(momentOf(moment, timeZone));
    const days = first === last ? written(first) : `${written(first)} – ${written(last)}`;
    const conditions = filters.map(conditionText);
    const isAll = segment === defaultScope(timeZone).segment;
    const about = [...(isAll ? [] : [`${t('segment')}: ${labels.segment(segment)}`]), ...conditions];
    const files = [`${first}..${last}`, timeZone, ...(isAll ? [] : [segment]), ...conditions];
    return {
      file: files.join(' '),
      lines: [
        `${days} · ${zoneLabel(timeZone)}`,
        ...(period !== '' && COMPARES.test(pathname) ? [t('compared', { period })] : []),
        ...(about.length > 0 ? [about.join(' · ')] : []),
      ],
    };
  }, [scope, askedAtMs, format, labels, conditionText, period, pathname, t]);
  return <ExportScopeContext value={WITHOUT_RANGE.test(pathname) ? null : value}>{children}</ExportScopeContext>;
}
