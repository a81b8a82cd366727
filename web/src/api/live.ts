import type { Fault } from './client';

/** Numbers that are counted at a moment, and in the second before it. */
export interface LiveCounts {
  sessions_active: number;
  sessions_playing: number;
  sessions_buffering: number;
  viewers_active: number;
  viewers_playing: number;
  media_starts: number;
  events: number;
  errors: number;
  refused: number;
  buffer_events: number;
}

export interface LiveContent {
  content_id: string;
  content_name: string | null;
  content_type: string | null;
  sessions_active: number;
  sessions_playing: number;
  viewers_active: number;
}

/** One message of the stream. */
export interface LiveMessage extends LiveCounts {
  at: string;
  server_started_at: string;
  counted_at: string;
  content_count: number;
  content: LiveContent[];
}

/** The last hour by second; columns of equal length. */
export type LiveHistory = { at: string[] } & { [Name in keyof LiveCounts]: (number | null)[] };

export interface RefusedRequest {
  at: string;
  status: number;
  reason: string;
  path: string;
  session_id: string | null;
  report_suite: string | null;
  message: string;
  errors: Fault[];
  body: string;
  body_bytes: number;
  body_is_cut: boolean;
  user_agent: string | null;
  origin: string | null;
}

export interface FaultsAnswer {
  faults: RefusedRequest[];
}
