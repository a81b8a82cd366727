// The pages, each at an address at which it has something to show.

import { LAKE_DAYS } from './dashboard_server.mjs';

/** The scope that covers the generated days. */
export const GENERATED = `range=${LAKE_DAYS.first}..${LAKE_DAYS.last}`;

/** A content of the generated tables, which has many sessions there. */
export const GENERATED_CONTENT = 'content-00001';

/** A visitor of the generated tables, who has sessions there. */
export const GENERATED_VISITOR = 'visitor-6';

/** @type {Record<string, (population: {timelines: Record<string, string>, board: string}) => string>} */
export const allPages = {
  live: () => '/',
  overview: () => `/overview?${GENERATED}&compare=1`,
  'overview-lines': () => `/overview?${GENERATED}&compare=week&lines=channel&by=channel&by=custom.plan&by=player_name`,
  'side-by-side': () => `/side-by-side?${GENERATED}&a=channel:in:ios&b=channel:in:roku,web&by=player_name`,
  content: () => `/content?${GENERATED}`,
  'content-detail': () => `/content/${GENERATED_CONTENT}?${GENERATED}`,
  concurrency: () => `/concurrency?${GENERATED}&by=channel&compare=1`,
  quality: () => `/quality?${GENERATED}`,
  ads: () => `/ads?${GENERATED}`,
  sessions: () => `/sessions?${GENERATED}`,
  'session-detail': ({ timelines }) => `/sessions/${timelines['1-view-to-end']}`,
  visitor: () => `/visitors/${GENERATED_VISITOR}?${GENERATED}`,
  boards: () => '/boards',
  board: ({ board }) => `/boards/${board}?${GENERATED}&compare=1`,
  sql: () => '/sql',
  connect: () => '/connect',
};
