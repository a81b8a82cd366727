// Pictures of every page, light and dark, wide and narrow: `node screenshots.mjs DIRECTORY`. Those of the README are taken first, as
// `readme-*.png`. Titles are in three languages: without a font for Chinese, the browser draws boxes.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { allPages, GENERATED, GENERATED_CONTENT, GENERATED_VISITOR } from './addresses.mjs';
import { CollectedSession } from './collected_sessions.mjs';
import { CONTENT, DAYS, populateFriendly, VISITOR } from './friendly_population.mjs';
import { rig, startRig, stopRig } from './rig.mjs';
import { WatchedPage } from './watched_page.mjs';

const LOOKS = ['light', 'dark'].flatMap((theme) => [1280, 390].map((width) => ({ theme, width })));
/** Pages that are also taken in the languages beside English. */
const TRANSLATED = ['live', 'session-detail'];
/** Seconds of live numbers that the pictures of the live page show. */
const LIVE_SECONDS = 330;
/** When the live page is taken for the README: while players still play. */
const README_SECOND = 320;
/** Pages as the pictures have them, where that says more than the address of the tests. */
const SHOWN = {
  live: () => '/?last=5m',
  sql: () => `/sql?${new URLSearchParams({ q: 'select channel, count(*) as sessions, round(sum(content_time_spent) / 3600, 1) as content_hours\nfrom sessions\ngroup by channel\norder by content_hours desc\nlimit 50' })}`,
};

/** The pictures of the README, each what fits on a screen. */
const README = {
  live: () => '/?last=5m',
  concurrency: () => '/concurrency?range=2026-03-11..2026-03-11&by=channel',
  quality: () => `/quality?range=2026-03-13..2026-03-13`,
  session: async () => {
    const filters = JSON.stringify([{ dimension: 'ad_count', operator: '>=', value: 3 }]);
    const page = await rig.server.report(`/sessions?${new URLSearchParams({ order_by: '-total_buffer_duration', limit: '1', from: DAYS.first, filters })}`);
    return `/sessions/${page.sessions[0].session_id}`;
  },
  'side-by-side': () => `/side-by-side?range=${DAYS.first}..${DAYS.last}&a=channel:in:tv&b=channel:in:ios,android&by=content_id`,
};

const directory = process.argv[2];
if (!directory) {
  console.error('usage: node screenshots.mjs DIRECTORY');
  process.exit(2);
}
mkdirSync(directory, { recursive: true });

try {
  await startRig({ isEmpty: true, fill: populateFriendly });
  const playing = letPlayersPlay();
  await new Promise((resolve) => setTimeout(resolve, README_SECOND * 1_000));
  for (const [name, address] of Object.entries(README)) await takeForReadme(name, await address());
  await playing;
  for (const [name, address] of Object.entries({ login: () => '/login', ...allPages, ...SHOWN })) {
    const shown = friendly(address({ timelines: { '1-view-to-end': rig.population.session }, board: rig.population.board }));
    await take(name, shown, 'en-US', LOOKS);
    if (!TRANSLATED.includes(name)) continue;
    for (const locale of ['zh-CN', 'zh-TW']) {
      const looks = LOOKS.filter(({ theme, width }) => (theme === 'light') === (width === 1280));
      await take(`${name}-${locale}`, shown, locale, looks);
    }
  }
} finally {
  await stopRig();
}

/** An address of the tests with what the pictures' sessions have in its place. */
function friendly(address) {
  return address
    .replace(GENERATED, `range=${DAYS.first}..${DAYS.last}`)
    .replace(GENERATED_CONTENT, CONTENT)
    .replace(GENERATED_VISITOR, VISITOR)
    .replace('roku,web', 'tv,web');
}

async function takeForReadme(name, address) {
  const watched = await WatchedPage.open({ browser: rig.browser, server: rig.server, cookie: rig.cookies.admin }, { deviceScaleFactor: 1 });
  try {
    await watched.goto(address);
    await watched.settle();
    const path = join(directory, `readme-${name}.png`);
    await watched.page.screenshot({ path });
    console.log(path);
  } finally {
    await watched.close();
  }
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
