import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/useFormat';
import { addDays, momentOf } from '../../time/zone';
import type { TimeRange } from '../scopeRange';
import type { ReadyScope } from '../useScope';

/** The period that is compared with, as charts and the scope bar name it: what it is, and its own range. */
export function usePeriodName({ compared, scope, time_zone: zone }: ReadyScope): string {
  const { t } = useTranslation('filters');
  const format = useFormat(zone);
  if (compared === null || scope.compared === null) return '';
  const kind = typeof scope.compared === 'string' ? scope.compared : 'own';
  return `${t(`comparison.${kind}`)} · ${periodText(compared)}`;

  function periodText({ from, to }: TimeRange): string {
    const isOfDays = to.length === 10;
    const [first, last] = [momentOf(from, zone), momentOf(isOfDays ? addDays(to, -1) : to, zone)];
    if (isOfDays) return first === last ? format.date(first) : `${format.date(first)} – ${format.date(last)}`;
    return `${from.length === 10 ? format.date(first) : format.dateTime(first)} – ${format.dateTime(last)}`;
  }
}
