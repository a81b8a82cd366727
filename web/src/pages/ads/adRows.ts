import type { AdNumbers, AdsAnswer } from '../../api/panels';
import type { OtherNames } from '../../components/text/NamedId';
import type { ScopeFilter } from '../../filters/scope';
import { filterOfValue } from '../../filters/scopeFilters';

/** The groupings of ads, one table each. */
export const GROUPINGS = ['ad', 'position', 'advertiser', 'campaign'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** The ads of one group. */
export interface AdRow extends AdNumbers {
  key: string;
  /** The name of the group; null for ads without one. */
  name: string | null;
  /** The ad's id, where it has a name as well. */
  id: string | null;
  /** Its other names. */
  others: OtherNames;
  podPosition: number | null;
  adPosition: number | null;
  /** The filter that keeps only the ads of this group. */
  filters: ScopeFilter[];
}

const NO_NAMES: OtherNames = { names: [], count: 0 };

export function adRows(answer: AdsAnswer, grouping: Grouping): AdRow[] {
  const none = { id: null, others: NO_NAMES, podPosition: null, adPosition: null };
  switch (grouping) {
    case 'ad':
      return answer.by_ad.map(({ ad_id: id, ad_name: name, also_known_as: names, also_known_as_count: count, ...numbers }) => ({
        ...none,
        ...numbers,
        others: { names, count },
        key: JSON.stringify([id, name]),
        name: name ?? id,
        id: name === null ? null : id,
        filters: [filterOfValue('ad_id', id), ...(id === null ? [filterOfValue('ad_name', name)] : [])],
      }));
    case 'position':
      return answer.by_position.map(({ pod_position: podPosition, ad_pod_position: adPosition, ...numbers }) => ({
        ...none,
        ...numbers,
        key: `${podPosition} ${adPosition}`,
        name: null,
        podPosition,
        adPosition,
        filters: [filterOfValue('pod_position', podPosition), filterOfValue('ad_pod_position', adPosition)],
      }));
    case 'advertiser':
      return valueRows(answer.by_advertiser, 'advertiser');
    case 'campaign':
      return valueRows(answer.by_campaign, 'campaign_id');
  }
}

function valueRows(rows: AdsAnswer['by_advertiser'], dimension: string): AdRow[] {
  return rows.map(({ value, ...numbers }) => ({
    ...numbers,
    key: JSON.stringify(value),
    name: value,
    id: null,
    others: NO_NAMES,
    podPosition: null,
    adPosition: null,
    filters: [filterOfValue(dimension, value)],
  }));
}
