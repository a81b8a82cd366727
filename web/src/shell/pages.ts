import type { IconName } from '../components/Icon';

export type PageName =
  | 'live'
  | 'overview'
  | 'sides'
  | 'content'
  | 'concurrency'
  | 'quality'
  | 'ads'
  | 'sessions'
  | 'boards'
  | 'sql'
  | 'connect';

export interface PageEntry {
  name: PageName;
  path: string;
  icon: IconName;
}

/** The pages in the navigation, by what one comes for. */
export const PAGE_GROUPS: readonly { name: 'watch' | 'analyse' | 'build'; pages: readonly PageEntry[] }[] = [
  { name: 'watch', pages: [{ name: 'live', path: '/', icon: 'live' }] },
  {
    name: 'analyse',
    pages: [
      { name: 'overview', path: '/overview', icon: 'overview' },
      { name: 'sides', path: '/side-by-side', icon: 'compare' },
      { name: 'content', path: '/content', icon: 'content' },
      { name: 'concurrency', path: '/concurrency', icon: 'concurrency' },
      { name: 'quality', path: '/quality', icon: 'quality' },
      { name: 'ads', path: '/ads', icon: 'ads' },
      { name: 'sessions', path: '/sessions', icon: 'sessions' },
      { name: 'boards', path: '/boards', icon: 'board' },
    ],
  },
  {
    name: 'build',
    pages: [
      { name: 'sql', path: '/sql', icon: 'sql' },
      { name: 'connect', path: '/connect', icon: 'connect' },
    ],
  },
];

export const PAGES: readonly PageEntry[] = PAGE_GROUPS.flatMap(({ pages }) => pages);

/** Those in the bar at the lower edge of narrow screens; the others are under "More". */
export const BAR_PAGES: readonly PageName[] = ['live', 'overview', 'content', 'sessions'];
