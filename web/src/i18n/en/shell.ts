/** Texts that all pages share: navigation, states, small words. */
export const shell = {
  nav: {
    label: 'Pages',
    live: 'Live',
    overview: 'Overview',
    content: 'Content',
    quality: 'Quality',
    ads: 'Ads',
    sessions: 'Sessions',
    sql: 'SQL',
    connect: 'Connect',
    more: 'More',
    skip: 'Skip to the content',
    groups: {
      watch: 'Watch',
      analyse: 'Analyse',
      build: 'Build',
    },
  },
  settings: {
    title: 'Settings',
    language: 'Language',
    theme: 'Theme',
    system: 'System',
    light: 'Light',
    dark: 'Dark',
    timeZone: 'Time zone',
    serverZone: 'Server’s: {{zone}}',
    logOut: 'Log out',
  },
  role: {
    admin: 'Admin',
    read: 'Read only',
    adminHint: 'Logged in with an admin token',
    readHint: 'Logged in with a read-only token',
  },
  version: 'Version {{version}}',
  loading: 'Loading',
  retry: 'Try again',
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The browser did not allow copying',
  download: 'Download',
  before: 'was {{value}}',
  fullText: {
    show: 'Show all',
    title: 'Full text',
  },
  combobox: {
    none: 'Nothing found',
  },
  chart: {
    showTable: 'Show as a table',
    showChart: 'Show as a chart',
    time: 'Time',
    partial: 'in part',
    position: 'Position',
    tableIsCut: 'Only the first {{count}} rows are shown.',
    failed: 'The chart could not be loaded. Reload the page to try again.',
  },
  error: {
    unreachable: {
      title: 'The server cannot be reached',
      hint: 'Check that it is running and that your network reaches it, then try again.',
    },
    forbidden: {
      title: 'Not allowed',
      hint: 'Your token may not do this. Log in with an admin token.',
    },
    notFound: {
      title: 'Not found',
      hint: 'It may have been removed, or the address has a mistake.',
    },
    invalid: {
      title: 'The query cannot be run',
      hint: 'Change the range, the filters or the choice of metrics.',
    },
    busy: {
      title: 'The server is busy',
      hint: 'Too many queries are running. Try again in a moment.',
    },
    failed: {
      title: 'Something went wrong',
      hint: 'Try again. If it happens again, the log of the server says why.',
    },
  },
  crash: {
    title: 'This page failed',
    hint: 'Reload it. If it happens again, please report the message below.',
    reload: 'Reload',
  },
  notFoundPage: {
    title: 'No such page',
    hint: 'No page has this address. Choose a page from the navigation.',
    back: 'Go to Live',
  },
};
