import type { ReactNode } from 'react';

/** Paths on a grid of 16, drawn as lines. */
const PATHS = {
  live: 'M8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3M4.8 4.8a4.5 4.5 0 0 0 0 6.4M11.2 4.8a4.5 4.5 0 0 1 0 6.4M2.7 2.7a7.5 7.5 0 0 0 0 10.6M13.3 2.7a7.5 7.5 0 0 1 0 10.6',
  overview: 'M2 13.5h12M3.5 11V7.5M6.5 11V3M9.5 11V8.5M12.5 11V5',
  content: 'M2 3.5h12v9H2zM6.5 6v4l3.5-2z',
  concurrency: 'M6 7.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4M2 13c0-2.2 1.8-3.6 4-3.6s4 1.4 4 3.6M10.3 3a2.2 2.2 0 0 1 0 4M11.8 9.7c1.4.5 2.2 1.7 2.2 3.3',
  quality: 'M2 12a6 6 0 1 1 12 0M8 12l2.8-3.6',
  ads: 'M2 6.5v3h2.5L10 12.5v-9L4.5 6.5zM12 6a3 3 0 0 1 0 4M5 9.5l.8 3.5h1.7',
  sessions: 'M2 4h5M9 4h5M2 8h8M12 8h2M2 12h3M7 12h7',
  sql: 'M8 2c3 0 5 .8 5 2s-2 2-5 2-5-.8-5-2 2-2 5-2M3 4v8c0 1.2 2 2 5 2s5-.8 5-2V4M3 8c0 1.2 2 2 5 2s5-.8 5-2',
  connect: 'M6.5 9.5l3-3M7 4.5l1.3-1.3a2.8 2.8 0 0 1 4 0l.5.500a2.8 2.8 0 0 1 0 4L11.5 9M9 11.5l-1.3 1.3a2.8 2.8 0 0 1-4 0l-.5-.5a2.8 2.8 0 0 1 0-4L4.5 7',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  close: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3l3.2 3.2',
  down: 'M4 6l4 4 4-4',
  up: 'M4 10l4-4 4 4',
  left: 'M10 3.5L5.5 8l4.5 4.5',
  right: 'M6 3.5L10.5 8 6 12.5',
  arrowUp: 'M8 13V3M4 7l4-4 4 4',
  arrowDown: 'M8 3v10M4 9l4 4 4-4',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  download: 'M8 2.5v7.5M4.5 7L8 10.5 11.5 7M2.5 13.5h11',
  filter: 'M2 3.5h12L9.5 8.7v4.3l-3-1.5V8.7z',
  calendar: 'M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3',
  globe: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M2 8h12M8 2c2 2 2.5 4 2.5 6s-.5 4-2.5 6c-2-2-2.5-4-2.5-6S6 4 8 2',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.85.850M11.75 11.75l.85.850M3.4 12.6l.85-.85M11.75 4.25l.85-.85',
  moon: 'M13.5 9.7A6 6 0 0 1 6.3 2.5 6 6 0 1 0 13.5 9.7z',
  system: 'M2 3h12v8H2zM6 13.5h4M8 11v2.5',
  logOut: 'M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  refresh: 'M13 3.5v3h-3M13 6.5A5.3 5.3 0 1 0 13.3 9',
  warning: 'M8 2.5L14 13H2zM8 6.5v3M8 11.3v.01',
  help: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M6.2 6.4a1.8 1.8 0 1 1 2.7 1.5c-.6.4-.9.7-.9 1.3M8 11.3v.01',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 7.5V11M8 5v.01',
  table: 'M2 3h12v10H2zM2 6.5h12M2 9.8h12M6.5 3v10',
  chart: 'M2 12l3.5-4.5 3 2.5L14 4',
  play: 'M5 3l8 5-8 5z',
  external: 'M9.5 2.5h4v4M13.5 2.5L7.5 8.5M11.5 9.5v4h-9v-9h4',
  bookmark: 'M4 2.5h8v11l-4-3-4 3z',
  board: 'M2.5 2.5h4.5v6h-4.5zM9.5 2.5h4v3.5h-4zM2.5 11h4.5v2.5h-4.5zM9.5 8.5h4v5h-4z',
  flag: 'M4 14V2.5M4 3h8l-2 3 2 3H4',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  swap: 'M2 5.5h11M10.5 3l2.5 2.5-2.5 2.5M14 10.5H3M5.5 8L3 10.5 5.5 13',
  compare: 'M2 11l4-5 3 3 5-6M2 14h2M6 14h2M10 14h2',
} as const;

export type IconName = keyof typeof PATHS;

/** A drawing beside a text; it says nothing by itself. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactNode {
  const width = name === 'more' ? 2.2 : 1.4;
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} stroke="currentColor" strokeWidth={width} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
