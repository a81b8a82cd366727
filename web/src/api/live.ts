import type { LiveHistory } from './schema';

export type {
  Faults as FaultsAnswer,
  Live as LiveMessage,
  LiveContent,
  LiveHistory,
  Refusal as RefusedRequest,
} from './schema';

/** Numbers that are counted at a moment, and in the second before it. Filtered ones lack what belongs to no session. */
export type LiveCounts = { [Name in Exclude<keyof LiveHistory, 'at'>]: number | null };
