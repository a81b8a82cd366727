// Pictures of every page, light and dark, wide and narrow: `node screenshots.mjs DIRECTORY`.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { allPages } from './addresses.mjs';
import { CollectedSession } from './collected_sessions.mjs';
import { rig, startRig, stopRig } from './rig.mjs';
import { WatchedPage } from './watched_page.mjs';

const LOOKS = ['light', 'dark'].flatMap((theme) => [1280, 390].map((width) => ({ theme, width })));
/** Pages that are also taken in the languages beside English. */
const TRANSLATED = ['live', 'session-detail'];
/** Seconds of live numbers that the pictures of the live page show. */
const LIVE_SECONDS = 20;

const directory = process.argv[2];
if (!directory) {
  console.error('usage: node screenshots.mjs DIRECTORY');
  process.exit(2);
}
mkdirSync(directory, { recursive: true });

try {
  await startRig();
  await letPlayersPlay();
  for (const [name, address] of Object.entries({ login: () => '/login', ...allPages })) {
    await take(name, address(rig.population), 'en-US', LOOKS);
    if (!TRANSLATED.includes(name)) continue;
    for (const locale of ['zh-CN', 'zh-TW']) {
      const looks = LOOKS.filter(({ theme, width }) => (theme === 'light') === (width === 1280));
      await take(`${name}-${locale}`, address(rig.population), locale, looks);
    }
  }
} finally {
  await stopRig();
}

/** One picture for each look, of the whole page. */
async function take(name, address, locale, looks) {
  const isLoggedIn = name !== 'login';
  const watched = await WatchedPage.open(
    { browser: rig.browser, server: rig.server, cookie: isLoggedIn ? rig.cookies.admin : null },
    { locale, deviceScaleFactor: 1 },
  );
  try {
    await watched.goto(address);
    for (const look of looks) {
      await watched.show(look);
      await watched.settle();
      const path = join(directory, `${name}-${look.theme}-${look.width}.png`);
      await watched.growToContent();
      await watched.page.screenshot({ path });
      console.log(path);
    }
  } finally {
    await watched.close();
  }
}

/** Sessions that come and go for a while, so that curves are curves. */
async function letPlayersPlay() {
  const names = ['The Long Way Round', 'Evening News', 'Night Train, Episode 4', 'Cup Final', 'Mountains in Winter'];
  for (let second = 0; second < LIVE_SECONDS; second += 1) {
    const starts = 2 + Math.round(2 * Math.sin(second / 2));
    for (let place = 0; place < starts; place += 1) {
      const content = (second + place * place) % names.length;
      const session = await CollectedSession.open(rig.server, {
        'media.id': `live-${content}`,
        'media.name': names[content],
        'media.playerName': ['html5', 'tv app', 'phone app'][(second + place) % 3],
        'media.channel': ['web', 'tv', 'mobile'][(second + place) % 3],
      });
      await session.send('ping');
      if (second % 5 === 0) await session.send('bufferStart');
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
