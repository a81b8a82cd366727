export type {
  Catalogue,
  DimensionEntry,
  DimensionType,
  Fact,
  Granularity,
  MetricEntry,
  NamedEntry,
  Unit,
} from './schema';
