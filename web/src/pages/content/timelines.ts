import type { TimelineCounts } from '../../api/panels';
import type { Filter } from '../../api/query';
import type { ReadyScope } from '../../filters/useScope';

/** Sessions whose playheads are seconds of the content. */
const BY_CONTENT: Filter = { dimension: 'timeline', operator: 'in', values: ['content', 'no_length'] };

/** Sessions that no position in the content can be told of, in a content that others have positions in. */
export function sessionsByClock({ live, beyond_length }: TimelineCounts): number {
  return live + beyond_length;
}

export function sessionsByContent({ content, no_length }: TimelineCounts): number {
  return content + no_length;
}

/** Why a content goes by the clock: what holds for most of its sessions. */
export function reasonForClock(timelines: TimelineCounts): 'live' | 'no_length' | 'beyond_length' {
  const reasons = ['live', 'no_length', 'beyond_length'] as const;
  return reasons.reduce((most, reason) => (timelines[reason] > timelines[most] ? reason : most));
}

/** The scope narrowed down to sessions with positions in their content. */
export function withPositions(scope: ReadyScope): ReadyScope {
  return { ...scope, filters: [...scope.filters, BY_CONTENT] };
}
