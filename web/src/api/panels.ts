import type { QualityPoint, Responses, ValueAds, WorsenedValue } from './schema';

export type {
  AdsResponse as AdsAnswer,
  AudienceResponse as AudienceAnswer,
  BreakNumbers,
  ConcurrencyResponse as ConcurrencyAnswer,
  CountSeries,
  ErrorRate,
  FunnelResponse as FunnelAnswer,
  FunnelStep,
  OtherBreaks,
  QualityResponse as QualityAnswer,
  RetentionResponse as RetentionAnswer,
  ScopeResponse as ScopeAnswer,
  TimelineCounts,
  TimeSeries,
  TimeSpentResponse as TimeSpentAnswer,
  WorsenedResponse as WorsenedAnswer,
  WorsenedValue,
} from './schema';

export type AdNumbers = Omit<ValueAds, 'value'>;
export type QualityNumbers = Omit<QualityPoint, 'from'>;

/** Each panel's name in its address, with its response. */
export type Panels = Pick<
  Responses,
  'quality/worsened' | 'metadata-keys' | 'concurrency' | 'audience' | 'retention' | 'funnel' | 'time-spent' | 'quality' | 'ads'
>;

/** The other names of a value of a panel, as those of a query. */
export function othersOf(value: Pick<WorsenedValue, 'also_known_as' | 'also_known_as_count'>) {
  return { names: value.also_known_as, count: value.also_known_as_count };
}
