import type { TimelineCounts } from '../../api/panels';
import { columnIndex, numberOf, textOf, type Filter, type ReportResponse } from '../../api/query';
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

/** The contents of which no session has positions up to a length, by their sessions per content and timeline. */
export function contentsByClock(answer: ReportResponse): ReadonlySet<string> {
  const [id, timeline, sessions] = ['content_id', 'timeline', 'sessions'].map((name) => columnIndex(answer, name));
  const all = new Set<string>();
  const withLength = new Set<string>();
  for (const row of answer.rows) {
    const content = textOf(row[id ?? -1]);
    if (content === null || numberOf(row[sessions ?? -1]) === 0) continue;
    all.add(content);
    if (row[timeline ?? -1] === 'content') withLength.add(content);
  }
  return new Set([...all].filter((content) => !withLength.has(content)));
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
