import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/useFormat';
import { addDays, momentOf } from '../../time/zone';
import type { Scope } from '../scope';
import type { TimeRange } from '../scopeRange';
import type { ReadyScope } from '../useScope';

/** The kind of the period that is compared with; empty where nothing is compared. */
export function usePeriodKind({ compared }: Pick<Scope, 'compared'>): string {
  const { t } = useTranslation('filters');
  if (compared === null) return '';
  return t(`comparison.${typeof compared === 'string' ? compared : 'own'}`);
}

/** The period that is compared with, as charts and the scope bar name it: what it is, and its own range. */
export function usePeriodName({ compared, scope, time_zone: zone }: ReadyScope): string {
  const format = useFormat(zone);
  const kind = usePeriodKind(scope);
  return compared === null ? '' : `${kind} · ${periodText(compared)}`;

  function periodText({ from, to }: TimeRange): string {
    const isOfDays = to.length === 10;
    const [first, last] = [momentOf(from, zone), momentOf(isOfDays ? addDays(to, -1) : to, zone)];
    if (isOfDays) return first === last ? format.date(first) : `${format.date(first)} – ${format.date(last)}`;
    return `${from.length === 10 ? format.date(first) : format.dateTime(first)} – ${format.dateTime(last)}`;
  }
}
