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
const LIVE_SECONDS = 150;
/** Pages as the pictures have them, where that says more than the address of the tests. */
const SHOWN = {
  live: () => '/?last=5m',
  sql: () => `/sql?${new URLSearchParams({ q: 'select channel, count(*) as sessions, round(sum(content_time_spent) / 3600, 1) as content_hours\nfrom sessions\ngroup by channel\norder by content_hours desc\nlimit 50' })}`,
};

const directory = process.argv[2];
if (!directory) {
  console.error('usage: node screenshots.mjs DIRECTORY');
  process.exit(2);
}
mkdirSync(directory, { recursive: true });

try {
  await startRig();
  await letPlayersPlay();
  for (const [name, address] of Object.entries({ login: () => '/login', ...allPages, ...SHOWN })) {
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

/** Sessions that come and go for a while, so that curves are curves; somebody watches, so that each second is counted. */
async function letPlayersPlay() {
  const names = ['The Long Way Round', 'Evening News', 'Night Train, Episode 4', 'Cup Final', 'Mountains in Winter'];
  const abort = new AbortController();
  watchLive(abort.signal);
  let open = [];
  for (let second = 0; second < LIVE_SECONDS; second += 1) {
    const due = Date.now() + 1_000;
    const starts = 2 + Math.round(2 * Math.sin(second / 9));
    for (let place = 0; place < starts; place += 1) {
      const content = (second + place * place) % names.length;
      const session = await CollectedSession.open(rig.server, {
        'media.id': `live-${content}`,
        'media.name': names[content],
        'media.playerName': ['html5', 'tv app', 'phone app'][(second + place) % 3],
        'media.channel': ['web', 'tv', 'mobile'][(second + place) % 3],
      });
      open.push({ session, second, ends: second + 20 + ((second * 7 + place * 31) % 90) });
    }
    for (const { session, second: began, ends } of open) {
      const played = second - began;
      if (second === ends) await session.send('sessionEnd', {}, played);
      else if (played > 0 && played % 10 === 0) await session.send(ends % 17 === 0 ? 'bufferStart' : 'ping', {}, played);
      else if (played === 12 && ends % 23 === 0) await session.send('error', { qoeData: { 'media.qoe.errorID': 'MEDIA_ERR_NETWORK', 'media.qoe.errorSource': 'player' } }, played);
      else if (played % 10 === 3 && ends % 17 === 0) await session.send('play', {}, played);
    }
    open = open.filter(({ ends }) => ends > second);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
  }
  abort.abort();
}

async function watchLive(signal) {
  try {
    const [cookie] = rig.cookies.read.split(';');
    const { body } = await fetch(`${rig.server.base}/reports/v1/live`, { headers: { Cookie: cookie }, signal });
    for await (const chunk of body) void chunk;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
