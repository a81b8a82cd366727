// Who is there: what the live page showed of each minute is what reports say of it later, and what the events say, counted by
// hand after docs/accounting.md, section 3. Some players go silent, some end, some pause, one comes back.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { eventually } from '../../browser/bounded.mjs';
import { CollectedSession } from './collected_sessions.mjs';
import { DashboardServer } from './dashboard_server.mjs';
import { format, texts } from './page_source.mjs';
import { arrange, openPage, TEST_MS } from './rig.mjs';

arrange();
const { concurrency, live, shell } = texts.en;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const MINUTES = 3;
/** Players begin this long after the beginning of a minute, so that nothing changes where one minute meets the next. */
const BEGIN = 10 * SECOND;

/** What players do, in seconds: opens (and plays), and then what it sends. Without `end` it falls silent. */
const PLAYERS = {
  'pings all the time': { open: 0, ping: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140], end: 150 },
  'falls silent and comes back': { open: 0, ping: [10, 120], end: 135 },
  'is paused': { open: 0, pauseStart: [9], ping: [20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140] },
  ends: { open: 0, ping: [10, 20], end: 25 },
  'falls silent': { open: 60 },
  'falls silent too': { open: 61 },
  'comes later': { open: 62, ping: [70, 80, 90, 100, 110, 120, 130, 140] },
  'comes last': { open: 124 },
  'comes last, too': { open: 125 },
};

/** Plays it all; the events of each player with the times that they had. */
async function play(server, startMs) {
  const steps = [];
  for (const [name, { open, end, ...sent }] of Object.entries(PLAYERS)) {
    steps.push({ name, at: open, type: 'open' });
    for (const [type, times] of Object.entries(sent)) times.forEach((at) => steps.push({ name, at, type }));
    if (end !== undefined) steps.push({ name, at: end, type: 'sessionEnd' });
  }
  steps.sort((one, other) => one.at - other.at);
  const [sessions, events] = [{}, {}];
  for (const { name, at, type } of steps) {
    await wait(Math.max(0, startMs + at * SECOND - Date.now()));
    if (type === 'open') {
      const session = await CollectedSession.open(server, { 'media.id': name, 'analytics.visitorId': name });
      sessions[name] = session;
      events[name] = [{ type: 'sessionStart', ts: session.ts - 1 }, { type: 'play', ts: session.ts }];
    } else {
      await sessions[name].send(type, {}, at);
      events[name].push({ type, ts: sessions[name].ts });
    }
  }
  return events;
}

/** The times in which a session is there, and those of them in which it plays. */
function presence(events) {
  const [active, playing] = [[], []];
  let [intervalMs, plays] = [null, false];
  for (const [place, { type, ts }] of events.entries()) {
    const before = events[place - 1];
    const elapsed = before && ts - before.ts;
    if (type === 'ping' && before?.type === 'ping' && elapsed <= MINUTE) intervalMs = Math.min(intervalMs ?? elapsed, elapsed);
    if (type === 'sessionEnd') break;
    if (type === 'play') plays = true;
    if (type === 'pauseStart') plays = false;
    const silentAt = ts + 3 * Math.max(10 * SECOND, intervalMs ?? 0);
    const span = [ts, Math.min(silentAt, events[place + 1]?.ts ?? silentAt)];
    active.push(span);
    if (plays) playing.push(span);
  }
  return { active, playing };
}

/** The most that were there in one second, of each minute. */
function countedByHand(sessions, fromMs, kind) {
  const at = (second) => sessions.filter((of) => of[kind].some(([from, to]) => from < second + SECOND && to > second)).length;
  return Array.from({ length: MINUTES }, (_, minute) => {
    const counts = Array.from({ length: 60 }, (_, second) => at(fromMs + minute * MINUTE + second * SECOND));
    return Math.max(...counts);
  });
}

/** Notes the highest number that the tile showed in each minute until a moment. */
async function watchTiles(watched, fromMs, untilMs) {
  const seen = { active: Array(MINUTES).fill(0), playing: Array(MINUTES).fill(0) };
  while (Date.now() < untilMs) {
    const minute = Math.floor((Date.now() - fromMs) / MINUTE);
    for (const name of ['active', 'playing']) {
      const { text } = await watched.tile(live.tiles[name]);
      if (minute >= 0 && minute < MINUTES) seen[name][minute] = Math.max(seen[name][minute], Number(text));
    }
    await wait(400);
  }
  return seen;
}

describe('presence', { timeout: 2 * TEST_MS + (MINUTES + 2) * MINUTE }, () => {
  test('the minute that was seen live is the minute that reports have, also after a restart', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true, flags: ['--checkpoint-interval', '1s'] });
    t.after(() => server.stop());
    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    await watched.goto('/');
    await watched.text(live.status.connected).waitFor();

    const fromMs = Math.ceil((Date.now() - BEGIN / 2) / MINUTE) * MINUTE;
    const toMs = fromMs + MINUTES * MINUTE;
    const [events, seen] = await Promise.all([play(server, fromMs + BEGIN), watchTiles(watched, fromMs, toMs)]);
    const sessions = Object.values(events).map(presence);
    const expected = { active: countedByHand(sessions, fromMs, 'active'), playing: countedByHand(sessions, fromMs, 'playing') };
    assert.deepEqual(expected, { active: [4, 5, 6], playing: [4, 4, 5] }, 'the players did what they should');
    assert.deepEqual(seen, expected, 'as seen live');
    watched.assertNoComplaints('live');

    const range = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), time_zone: 'UTC' };
    const reported = async (state, granularity = 'minute', more = {}) =>
      (await server.report(`/concurrency?${new URLSearchParams({ ...range, granularity, state, ...more })}`)).values;
    const minuteOf = (ms) => new Date(ms).toISOString().slice(0, 16);
    const isReported = async (when) => {
      for (const state of ['active', 'playing']) assert.deepEqual(await reported(state), expected[state], `${state}, ${when}`);
      await watched.goto(`/concurrency?range=${minuteOf(fromMs)}..${minuteOf(toMs)}&tz=UTC`);
      const [figure] = await watched.page.locator('figure').filter({ has: watched.page.getByRole('img', { name: concurrency.label }) }).all();
      await figure.hover();
      await figure.getByRole('button', { name: shell.chart.showTable }).click();
      const { rows } = await watched.table(concurrency.label);
      assert.deepEqual(rows.map((row) => row[1]), expected.active.map((count) => format.number(count, 0)), `the page, ${when}`);
    };
    await isReported('later');

    const killedMs = Date.now();
    await server.kill();
    await wait(3 * SECOND);
    await server.startAgain();
    await isReported('after a restart');
    await watched.goto('/?last=5m');
    await watched.text(live.status.connected).waitFor();
    const [figure] = await watched.page.locator('figure').filter({ has: watched.page.getByRole('img', { name: live.concurrency.label }) }).all();
    await figure.hover();
    await figure.getByRole('button', { name: shell.chart.showTable }).click();
    // The chart's table has a row for each five seconds, the latest first.
    const seconds = await reported('active', 'second', { to: new Date(killedMs).toISOString() });
    const secondOf = new Map(seconds.map((count, place) => [format.timeOfDay(fromMs + place * SECOND), format.number(count, 0)]));
    const shown = await eventually('the chart has the time before the restart', async () => {
      const { rows } = await watched.table(live.concurrency.label);
      const before = rows.filter(([time]) => secondOf.has(time));
      return before.length > (MINUTES * MINUTE) / (6 * SECOND) && before.every((row) => row[1] !== '–') ? before : undefined;
    }, 30 * SECOND);
    assert.deepEqual(shown.map(([time, count]) => [time, count]), shown.map(([time]) => [time, secondOf.get(time)]));
    watched.assertNoComplaints('after the restart', [/ERR_|503/]);
  });
});
