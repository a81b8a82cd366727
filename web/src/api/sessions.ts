import type { Event, Events, SessionRow } from './schema';

export type {
  AdRow,
  Attributed as AttributedTime,
  ChapterRow,
  Effect as EventEffect,
  ErrorRow,
  Exclusion,
  Exclusions as ExclusionsAnswer,
  EventReference,
  ExplainedChange as ExplainedEvent,
  ExplainedInterval,
  Explanation as ExplainAnswer,
  Metric as ExplainedMetric,
  Session as SessionDetail,
  SessionRow,
  Sessions as SessionsAnswer,
} from './schema';

export type TimeSpan = SessionRow['active_spans'][number];
export type ContentSpan = SessionRow['watched_spans'][number];
export type StateRow = SessionRow['states'][number];

export interface SessionsParams {
  from?: string | undefined;
  to?: string | undefined;
  report_suite?: string | undefined;
  content_id?: string | undefined;
  visitor_id?: string | undefined;
  open?: boolean | undefined;
  diagnosis?: string | undefined;
  q?: string | undefined;
  /** Filters as JSON; of anything that a session, or one ad, chapter or error of it, has. */
  filters?: string | undefined;
  segment?: string | undefined;
  time_zone?: string | undefined;
  /** A number, time or metric of sessions, behind `-` if the highest comes first. */
  order_by?: string | undefined;
  limit?: number | undefined;
}

/** The event as the player sent it. */
export interface EventBody {
  playerTime: { playhead: number; ts: number };
  eventType: string;
  params?: Record<string, unknown> | null;
  qoeData?: Record<string, unknown> | null;
  customMetadata?: Record<string, unknown> | null;
}

/** An event with what it did; the document leaves its body to the protocol. */
export type SessionEvent = Omit<Event, 'body'> & { body: EventBody };

export type EventsAnswer = Omit<Events, 'events'> & { events: SessionEvent[] };
