export type Unit = 'count' | 'seconds' | 'ms' | 'ratio' | 'bitrate' | 'frames' | 'frames_per_second' | 'viewers';

/** The tables over which metrics are counted. */
export type Fact = 'sessions' | 'ads' | 'chapters' | 'errors';

export interface MetricEntry {
  name: string;
  aliases: string[];
  unit: Unit;
  type: 'integer' | 'number';
  definition: string;
  formula: string;
  source: string;
  facts: Fact[];
  is_exact: boolean;
}

export type DimensionType = 'text' | 'boolean' | 'integer' | 'number' | 'time';

export interface DimensionEntry {
  name: string;
  aliases: string[];
  type: DimensionType;
  definition: string;
  facts: Fact[];
  can_break_down: boolean;
  is_list: boolean;
  is_caseless: boolean;
}

export interface NamedEntry {
  name: string;
  definition: string;
}

export interface Catalogue {
  metrics: MetricEntry[];
  state_metrics: { patterns: string[]; prefix: string; definition: string };
  dimensions: DimensionEntry[];
  metadata_dimensions: { pattern: string; definition: string };
  segments: NamedEntry[];
  operators: NamedEntry[];
  granularities: Granularity[];
  limits: { metrics: number; dimensions: number; conditions: number; values: number; rows: number; buckets: number };
}

export type Granularity = 'none' | 'minute' | 'hour' | 'day' | 'week' | 'month';
