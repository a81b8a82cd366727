// Two weeks of sessions that look like those of a small service, for pictures: titles in three languages, a match that everybody
// watches, a release that brings errors, and notes that say so. The same sessions on every machine.

/** The days of the sessions; the last one is included. */
export const DAYS = { first: '2026-03-02', last: '2026-03-15' };
/** A content with many sessions. */
export const CONTENT = 'film-harbour-lights';
export const VISITOR = 'viewer-0042';

const FIRST_MS = Date.parse(`${DAYS.first}T00:00:00+01:00`);
const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];
const MATCH = { id: 'match-cup-final', name: 'Cup Final: Rovers – United', show: 'Football live', minutes: 115, type: 'live' };
const MATCH_MS = FIRST_MS + 9 * DAY_MS + 20 * HOUR_MS;
const RELEASE_MS = FIRST_MS + 11 * DAY_MS + 8 * HOUR_MS;
const [REFUSED_MS, MENDED_MS] = [RELEASE_MS + 6 * HOUR_MS, RELEASE_MS + 9.5 * HOUR_MS];
const SESSIONS = 2_600;
const MATCH_SESSIONS = 420;
/** Those who try again and again while licences are refused. */
const REFUSED_SESSIONS = 110;
const AT_A_TIME = 16;

/** The first ones are watched most. */
const TITLES = [
  { id: CONTENT, name: 'Harbour Lights', minutes: 104, genre: 'Drama' },
  { id: 'series-long-way-1', name: 'The Long Way Round, Episode 1', show: 'The Long Way Round', minutes: 48, genre: 'Drama' },
  { id: 'series-night-train-4', name: '夜行列車 第 4 集', show: '夜行列車', minutes: 44, genre: 'Mystery' },
  { id: 'series-long-way-2', name: 'The Long Way Round, Episode 2', show: 'The Long Way Round', minutes: 47, genre: 'Drama' },
  { id: 'news-evening', name: 'Evening News', show: 'Evening News', minutes: 28, genre: 'News' },
  { id: 'film-winter', name: '山中的冬天', minutes: 96, genre: 'Nature' },
  { id: 'kitchen-corner', name: 'The Kitchen on the Corner', show: 'Kitchens', minutes: 36, genre: 'Food' },
  { id: 'film-city-edge', name: '城市边缘', minutes: 112, genre: 'Drama' },
  { id: 'tea-house', name: '茶餐廳的一天', show: '街坊', minutes: 32, genre: 'Food' },
  { id: 'film-lisbon', name: 'A Window in Lisbon', minutes: 99, genre: 'Romance' },
];
const PLAYERS = [
  { channel: 'web', player: 'html5', version: '7.4.1', startMs: 1_100 },
  { channel: 'ios', player: 'ios player', version: '5.2.0', startMs: 800 },
  { channel: 'android', player: 'android player', version: '4.1.3', startMs: 1_300 },
  { channel: 'tv', player: 'tv app', version: '2.9.0', startMs: 1_900 },
];
const ADS = [
  { id: 'ad-spring-shoes', name: 'Spring shoes', advertiser: 'Fleet Feet', campaign: 'spring-26' },
  { id: 'ad-oat-milk', name: 'Oat milk', advertiser: 'Field & Mill', campaign: 'breakfast' },
  { id: 'ad-night-bus', name: '夜間巴士', advertiser: 'City Transit', campaign: 'night' },
];
/** How much is watched at each hour of the day. */
const HOURS = [6, 3, 2, 1, 1, 2, 5, 9, 10, 9, 9, 10, 13, 12, 11, 12, 14, 18, 24, 32, 38, 36, 26, 14];

/** Random numbers that are the same for the same seed. */
function numbersFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Sends it all, and has the tables take it.
 *
 * @returns {Promise<{session: string, board: string}>} the ids of a session worth a look, and of a board
 */
export async function populateFriendly(server) {
  const random = numbersFrom(20_260_302);
  const sessions = [];
  for (let number = 0; number < SESSIONS; number += 1) sessions.push(oneOf(number, startOf(random), random));
  for (let number = 0; number < MATCH_SESSIONS; number += 1) {
    const late = random() < 0.25 ? random() * 60 : random() ** 2 * 12 - 4;
    sessions.push(oneOf(SESSIONS + number, MATCH_MS + late * MINUTE_MS, random, MATCH));
  }
  for (let number = 0; number < REFUSED_SESSIONS; number += 1) {
    const startMs = REFUSED_MS + random() * (MENDED_MS - REFUSED_MS);
    sessions.push(oneOf(SESSIONS + MATCH_SESSIONS + number, startMs, random, TITLES[number % 4], PLAYERS[2]));
  }
  const ids = [];
  for (let first = 0; first < sessions.length; first += AT_A_TIME) {
    ids.push(...(await Promise.all(sessions.slice(first, first + AT_A_TIME).map((events) => send(server, events)))));
  }
  await server.report('/maintenance', {});
  await server.report('/annotations', { at: new Date(RELEASE_MS).toISOString(), kind: 'release', text: 'Android app 4.2.0' });
  await server.report('/annotations', {
    at: new Date(REFUSED_MS).toISOString(), to: new Date(MENDED_MS).toISOString(), kind: 'outage', text: 'Licences refused on Android',
  });
  await server.report('/annotations', { at: new Date(MATCH_MS).toISOString(), kind: 'other', text: 'Cup Final' });
  return { session: ids.at(-REFUSED_SESSIONS - 1), board: await keepBoard(server) };
}

/** When somebody starts: more in the evening and at weekends. */
function startOf(random) {
  for (;;) {
    const [day, hour] = [Math.floor(random() * 14), Math.floor(random() * 24)];
    const isWeekend = day % 7 >= 5;
    if (random() * 50 < HOURS[hour] * (isWeekend ? 1.3 : 1)) return FIRST_MS + day * DAY_MS + hour * HOUR_MS + random() * HOUR_MS;
  }
}

/** The events of a session, as a player sends one that it kept. */
function oneOf(number, startMs, random, title = rankedOf(TITLES, 1.8, random), of = rankedOf(PLAYERS, 1.3, random)) {
  const isBroken = of.channel === 'android' && startMs >= REFUSED_MS && startMs < MENDED_MS && random() < 0.8;
  const version = of.channel === 'android' && startMs >= RELEASE_MS ? (startMs < MENDED_MS ? '4.2.0' : '4.2.1') : of.version;
  const events = [];
  let [at, playhead] = [Math.round(startMs), title.type === 'live' ? secondOfDay(startMs) : 0];
  const put = (eventType, more = {}) => {
    events.push({ playerTime: { playhead, ts: at }, eventType, params: {}, ...more });
    // Events of the same millisecond would be in no order.
    at += 1;
  };
  const play = (seconds) => {
    for (let left = Math.round(seconds); left > 0; left -= 60) {
      const step = Math.min(60, left);
      // The event before took its millisecond.
      at += step * 1_000 - 1;
      playhead += step;
      put('ping');
    }
  };
  put('sessionStart', { params: startParams(number, title, { ...of, version }, random), customMetadata: { plan: random() < 0.6 ? 'basic' : 'premium' } });
  if (isBroken) {
    at += 2_000;
    put('error', { qoeData: { 'media.qoe.errorID': 'DRM_LICENSE_REFUSED', 'media.qoe.errorSource': 'player' } });
    at += 1_000;
    put('sessionEnd');
    return events;
  }
  const hasAds = title.type !== 'live' && of.channel !== 'ios' && random() < 0.6;
  const showAd = (pod) => {
    const ad = rankedOf(ADS, 1.4, random);
    const ofPod = { 'media.ad.podFriendlyName': pod === 0 ? 'pre-roll' : 'mid-roll' };
    put('adBreakStart', { params: { ...ofPod, 'media.ad.podIndex': pod, 'media.ad.podSecond': playhead } });
    put('adStart', {
      params: {
        ...ofPod, 'media.ad.id': ad.id, 'media.ad.name': ad.name, 'media.ad.length': 15, 'media.ad.podPosition': 1, 'media.ad.playerName': of.player,
        'media.ad.advertiser': ad.advertiser, 'media.ad.campaignId': ad.campaign,
      },
    });
    const isSkipped = random() < 0.12;
    at += isSkipped ? 6_000 : 15_000;
    put(isSkipped ? 'adSkip' : 'adComplete');
    put('adBreakComplete');
  };
  if (hasAds) showAd(0);
  const startup = Math.round(of.startMs * (0.6 + random() ** 3 * 3));
  at += startup;
  const qoe = { 'media.qoe.timeToStart': startup, 'media.qoe.bitrate': [1_800, 3_200, 5_200, 7_800][Math.floor(random() * 4)], 'media.qoe.framesPerSecond': 25 };
  put('play', { qoeData: qoe });
  const whole = title.minutes * 60;
  const share = random() < 0.45 ? 1 : random();
  const watched = whole * (title.type === 'live' ? Math.max(share, 0.3) : share);
  const breaks = random() < 0.18 ? 1 + Math.floor(random() * 3) : 0;
  for (let part = 0; part <= breaks; part += 1) {
    play(watched / (breaks + 1));
    if (part === breaks) continue;
    if (hasAds) showAd(part + 1);
    put('bufferStart');
    at += 1_000 + Math.round(random() ** 2 * 9_000);
    put('play');
  }
  if (random() < 0.015) put('error', { qoeData: { 'media.qoe.errorID': 'SEGMENT_TIMEOUT', 'media.qoe.errorSource': 'player' } });
  put(share === 1 ? 'sessionComplete' : 'sessionEnd');
  return events;
}

/** One of a list, the first ones most often. */
function rankedOf(list, steepness, random) {
  return list[Math.floor(random() ** steepness * list.length)];
}

function startParams(number, title, of, random) {
  return {
    'analytics.trackingServer': 'metrics.example.com',
    'analytics.reportSuite': 'example-video',
    'analytics.visitorId': `viewer-${String(Math.floor(random() * 900)).padStart(4, '0')}`,
    'visitor.marketingCloudOrgId': '0123456789ABCDEF@AdobeOrg',
    'media.id': title.id,
    'media.name': title.name,
    'media.length': title.minutes * 60,
    'media.contentType': title.type ?? 'VOD',
    'media.streamType': 'video',
    'media.playerName': of.player,
    'media.channel': of.channel,
    'media.sdkVersion': of.version,
    'media.downloaded': true,
    ...(title.show && { 'media.show': title.show }),
    ...(title.genre && { 'media.genre': title.genre }),
  };
}

function secondOfDay(ms) {
  return Math.floor(((ms - FIRST_MS) % DAY_MS) / 1_000);
}

async function send(server, events) {
  const answer = await fetch(server.collection.replace(/sessions$/, 'downloaded'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(events),
  });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.headers.get('Location').split('/').at(-1);
}

async function keepBoard(server) {
  const channel = (value) => [{ dimension: 'channel', operator: '=', value }];
  const { id } = await server.report('/boards', {
    name: 'Morning',
    is_shared: true,
    panels: [
      { title: 'Starts', kind: 'series', parameters: { metrics: ['media_starts'] } },
      { title: 'What is watched', kind: 'breakdown', parameters: { metrics: ['content_time_spent', 'visitors'], dimensions: ['content_id'], names: true, order_by: ['-content_time_spent'] } },
      {
        title: 'TV beside phones', kind: 'side_by_side',
        parameters: { metrics: ['media_starts'], a: { name: 'TV', filters: channel('tv') }, b: { name: 'Phones', filters: [{ dimension: 'channel', operator: 'in', values: ['ios', 'android'] }] } },
      },
      { title: 'Time to start', kind: 'quality', parameters: {} },
    ],
  });
  return id;
}
