// A scripted player in a real browser reports to a real server, and every number must be right.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { chromium } from 'playwright-core';

import { eventually } from './bounded.mjs';
import { comparable, expectedRow } from './expected_row.mjs';
import { PageServer } from './page_server.mjs';
import { PlayheadServer } from './playhead_server.mjs';

const CLIP_SECONDS = 12;
/** The second of the clip at which its download stalls, where a test wants it to. */
const STALL_SECOND = 4;
/** No page takes longer than this, also on a busy machine. */
const PAGE_MS = 90_000;
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

let browser;
let pages;

before(async () => {
  pages = await PageServer.start();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    headless: true,
    args: CHROMIUM_FLAGS,
  });
}, { timeout: PAGE_MS });

after(async () => {
  await browser?.close();
  await pages?.stop();
}, { timeout: PAGE_MS });

describe('a player page in a browser', { timeout: 4 * PAGE_MS }, () => {
  before(async () => {
    const watched = await WatchedPage.open();
    await watched.page.goto(`${pages.origin}/blank.html`);
    const clip = await watched.page.evaluate(async (seconds) => {
      const { makeClip } = await import('/clip.js');
      const { bytes, secondStarts } = await makeClip(seconds);
      return { bytes: Array.from(bytes), secondStarts };
    }, CLIP_SECONDS);
    pages.offerClip(clip, STALL_SECOND);
    await watched.close();
  }, { timeout: PAGE_MS });

  // The reorder window is longer than the delay of a request on a busy machine, and short enough to wait for.
  test('a whole view, with everything that a viewer can do, gives the right row', async (t) => {
    const playhead = await startPlayhead(t, '--reorder-window', '2s');
    const watched = await WatchedPage.open(t);
    const { page } = watched;
    await watched.play(playhead, {
      content: 'whole-view', clip: '/stalling.webm', script: 'everything', 'pre-roll': 1,
    });

    await watched.until('the download stalls', () => window.player.hasReported('bufferStart'));
    await page.click('#fullscreen');
    await watched.until('the full screen is reported', () => window.player.hasReported('stateStart', 'fullScreen'));
    await page.click('#fullscreen');
    await watched.until('its end is reported', () => window.player.hasReported('stateEnd', 'fullScreen'));
    pages.endStall();
    const { log, sessionId } = await watched.finish();

    // The script covered all its actions.
    const types = new Set(log.map(({ type }) => type));
    for (const type of ['sessionStart', 'play', 'ping', 'pauseStart', 'bufferStart', 'bitrateChange', 'error',
      'adBreakStart', 'adStart', 'adComplete', 'adSkip', 'adBreakComplete', 'chapterStart', 'chapterComplete',
      'chapterSkip', 'stateStart', 'stateEnd', 'sessionComplete', 'sessionEnd']) {
      assert.ok(types.has(type), `the page sent no ${type}`);
    }
    assert.deepEqual(log.filter(({ ts }) => ts === log[0].ts).map(({ type }) => type),
      ['sessionStart', 'adBreakStart', 'adStart', 'play']);
    assert.deepEqual(log.map(({ status }) => status), [201, ...Array(log.length - 1).fill(204)]);
    const sent = watched.sentEvents();
    assert.equal(sent.length, log.length + 1, 'one event was sent twice');
    assert.equal(new Set(sent.map(({ body }) => body)).size, log.length);
    assert.ok(sent.some(({ ts }, index) => index > 0 && ts < sent[index - 1].ts), 'one event was overtaken');

    // A browser sends a preflight before JSON to another origin: once per path, or once for each of several requests that
    // begin before the first response, but not for each event.
    const asked = watched.preflights.filter((url) => url.includes(sessionId)).length;
    assert.ok(watched.preflights.includes(playhead.collection));
    assert.ok(asked >= 1 && asked < 10, `${asked} preflights for ${sent.length} events`);

    const row = await playhead.closedSession(sessionId);
    assert.equal(row.close_reason, 'session_end');
    assertRow(row, expectedRow(log));
    assert.equal(await playhead.counter('playhead_duplicates_total'), 1);
    assert.deepEqual(row.ads.map(({ end }) => end), ['completed', 'skipped']);
    assert.deepEqual(row.chapters.map(({ end }) => end), ['completed', 'skipped', 'completed']);
    assert.deepEqual(row.states.map(({ name }) => name).sort(), ['fullScreen', 'mute']);
    assert.deepEqual(row.player_errors, ['subtitles-missing']);
    assert.deepEqual(row.custom_metadata, { edition: 'first' });
    assert.deepEqual(row.ads[1].custom_metadata, { edition: 'first', slot: '1' });
    assert.equal(row.content_name, 'The clip: a clock — 時計');

    const late = await watched.post(`${playhead.collection}/${sessionId}/events`, {
      playerTime: { playhead: 1, ts: Date.now() + 60_000 }, eventType: 'ping',
    });
    assert.equal(late.status, 410);
    assert.equal(late.body.message, 'the session is closed');
    assert.deepEqual(await playhead.closedSession(sessionId), row);
    watched.assertComplaints([['/no-such-subtitles.vtt', 404], [`/api/v1/sessions/${sessionId}/events`, 410]]);
  });

  test('a page that is left in mid-play times out, and what it had reported counts', async (t) => {
    const playhead = await startPlayhead(t, '--reorder-window', '2s', '--idle-timeout', '4s');
    const watched = await WatchedPage.open(t);
    await watched.play(playhead, { content: 'left', clip: '/clip.webm', script: 'watching', 'pre-roll': 1 });
    await watched.until('some content was played', () => {
      const { log } = window.player.reporter;
      return log.at(-1)?.playhead > 2 && log.at(-1).status === 204;
    });
    const sessionId = await watched.page.evaluate(() => window.player.reporter.sessionId);
    await watched.page.close();

    const row = await playhead.closedSession(sessionId);
    assert.equal(row.close_reason, 'idle_10m');
    // Only the server knows whether a pending request of the closed page reached it.
    const sent = watched.sentEvents().map(({ body }) => asLogged(JSON.parse(body)));
    const hasMissed = sent.length - row.event_count;
    assert.ok(hasMissed === 0 || hasMissed === 1, `${row.event_count} of ${sent.length} events were accepted`);
    const expected = expectedRow(sent.slice(0, row.event_count));
    assertRow(row, expected);
    assert.equal(row.content_complete, false);
    assert.equal(row.chapters.at(-1).end, 'not_completed');
    watched.assertComplaints([]);
  });

  test('two tabs at once are two sessions, each with its own numbers', async (t) => {
    const playhead = await startPlayhead(t, '--reorder-window', '2s');
    const context = await browser.newContext();
    t.after(() => context.close());
    const tabs = [await WatchedPage.open(t, context), await WatchedPage.open(t, context)];
    await tabs[0].play(playhead, { content: 'first-tab', clip: '/clip.webm', script: 'rewatching' });
    await tabs[1].play(playhead, { content: 'second-tab', clip: '/clip.webm', script: 'watching', 'pre-roll': 1 });
    const reports = await Promise.all(tabs.map((tab) => tab.finish()));
    assert.notEqual(reports[0].sessionId, reports[1].sessionId);
    const rows = await Promise.all(reports.map(({ sessionId }) => playhead.closedSession(sessionId)));
    for (const [tab, { log }] of reports.entries()) {
      assertRow(rows[tab], expectedRow(log));
      tabs[tab].assertComplaints([]);
    }
    assert.ok(rows[0].pause_events >= 2 && rows[0].content_time_spent > rows[0].unique_time_played);
    assert.deepEqual([rows[1].pause_events, rows[1].ad_count], [0, 2]);
    assert.deepEqual(rows.map(({ content_id: id }) => id), ['first-tab', 'second-tab']);
    assert.equal(await playhead.counter('playhead_sessions_opened_total'), 2);
  });

  test('a page of another origin can read what is wrong with its requests', async (t) => {
    const playhead = await startPlayhead(t);
    const watched = await WatchedPage.open(t);
    await watched.page.goto(`${pages.origin}/blank.html`);
    const start = await watched.post(playhead.collection, sessionStart());
    assert.equal(start.status, 201);
    assert.match(start.location, /^\/api\/v1\/sessions\/[0-9a-f]{64}$/);
    const events = `${playhead.base}${start.location}/events`;

    const invalid = await watched.post(events, { playerTime: { playhead: '1' }, eventType: 'adStart', params: {} });
    assert.equal(invalid.status, 400);
    assert.equal(typeof invalid.body.message, 'string');
    const faulty = invalid.body.errors.map(({ path }) => path);
    for (const path of ['/playerTime/playhead', '/playerTime/ts', '/params/media.ad.id']) {
      assert.ok(faulty.includes(path), `${path} is not among ${faulty}`);
    }
    const unknown = await watched.post(`${playhead.collection}/${'0'.repeat(64)}/events`, {
      playerTime: { playhead: 1, ts: Date.now() }, eventType: 'ping',
    });
    assert.equal(unknown.status, 404);
    assert.equal(unknown.body.message, 'session not found');
    const unfit = await watched.post(playhead.collection, { ...sessionStart(), params: {} });
    assert.equal(unfit.status, 400);
    assert.ok(unfit.body.errors.length > 5);
  });

  test('text/plain needs no preflight', async (t) => {
    const playhead = await startPlayhead(t);
    const watched = await WatchedPage.open(t);
    await watched.page.goto(`${pages.origin}/blank.html`);
    const start = await watched.post(playhead.collection, sessionStart(), 'text/plain');
    assert.equal(start.status, 201);
    const ping = { playerTime: { playhead: 1, ts: Date.now() }, eventType: 'ping' };
    const events = `${playhead.base}${start.location}/events`;
    assert.equal((await watched.post(events, ping, 'text/plain')).status, 204);
    assert.deepEqual(watched.preflights, []);
    // The same with a type that needs a preflight, so that their absence above proves something.
    assert.equal((await watched.post(events, { ...ping, eventType: 'play' })).status, 204);
    assert.deepEqual(watched.preflights, [events]);
    watched.assertComplaints([]);
  });
});

/** A page, and all that the browser says about it. */
class WatchedPage {
  static async open(t, sharedContext) {
    const watched = new WatchedPage();
    const context = sharedContext ?? await browser.newContext();
    watched.close = () => context.close();
    if (!sharedContext) t?.after(watched.close);
    watched.page = await context.newPage();
    watched.page.setDefaultTimeout(PAGE_MS);
    watched.requests = [];
    watched.errors = [];
    watched.complaints = [];
    watched.preflights = [];
    watched.page.on('request', (request) => watched.requests.push(request));
    watched.page.on('pageerror', (error) => watched.errors.push(error));
    watched.page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') watched.complaints.push(message);
    });
    // Only the browser's network log shows preflights.
    const network = await context.newCDPSession(watched.page);
    network.on('Network.requestWillBeSent', ({ request }) => {
      if (request.method === 'OPTIONS') watched.preflights.push(request.url);
    });
    await network.send('Network.enable');
    return watched;
  }

  /** Lets the page play; it reports to that server. */
  async play(playhead, query) {
    const address = new URLSearchParams({ collection: playhead.collection, ...query });
    await this.page.goto(`${pages.origin}/player.html?${address}`);
  }

  /** Waits for something to be so in the page. An exception in the page ends the wait. */
  async until(what, isSo) {
    await eventually(what, async () => {
      assert.deepEqual(this.errors, []);
      return (await this.page.evaluate(isSo)) || undefined;
    }, PAGE_MS);
  }

  /** Waits until the page has played to the end and has all its answers. */
  async finish() {
    await this.until('the page is done', () => window.player.isFinished);
    return this.page.evaluate(() => {
      const { log, sessionId } = window.player.reporter;
      return { log, sessionId };
    });
  }

  /** Sends a request from within the page, and says what a script there can read of the answer. */
  async post(url, event, type = 'application/json') {
    return this.page.evaluate(async ({ address, body, contentType }) => {
      const headers = { 'Content-Type': contentType };
      const answer = await fetch(address, { method: 'POST', headers, body });
      const text = await answer.text();
      return { status: answer.status, location: answer.headers.get('Location'), body: text ? JSON.parse(text) : null };
    }, { address: url, body: JSON.stringify(event), contentType: type });
  }

  /** The events that the browser sent, in that order. */
  sentEvents() {
    const bodies = this.requests.filter((request) => request.method() === 'POST').map((request) => request.postData());
    return bodies.map((body) => ({ body, ts: JSON.parse(body).playerTime.ts }));
  }

  /** Nothing failed in the page, and the browser complained of these answers only: path and status. */
  assertComplaints(expected) {
    assert.deepEqual(this.errors, []);
    const complaints = this.complaints.map((message) => {
      const status = Number(message.text().match(/status of (\d+)/)?.[1]);
      return status ? [new URL(message.location().url).pathname, status] : message.text();
    });
    assert.deepEqual(complaints, expected);
  }
}

async function startPlayhead(t, ...flags) {
  const playhead = await PlayheadServer.start(...flags);
  t.after(() => playhead.stop());
  return playhead;
}

function assertRow(row, expected) {
  const actual = comparable(row, expected);
  // Sums of fractions depend on the order of addition; durations are whole milliseconds, so theirs do not.
  for (const [column, tolerance] of [['unique_time_played', 0.001], ['average_bitrate', 1e-6]]) {
    const difference = Math.abs(actual[column] - expected[column]);
    assert.ok(difference <= tolerance * 1.01, `${column}: ${actual[column]}, expected ${expected[column]}`);
    actual[column] = expected[column];
  }
  assert.deepEqual(actual, expected);
}

function asLogged(event) {
  return { ...event.playerTime, type: event.eventType, event };
}

function sessionStart() {
  return {
    playerTime: { playhead: 0, ts: Date.now() },
    eventType: 'sessionStart',
    params: {
      'analytics.trackingServer': 'metrics.example.com',
      'analytics.reportSuite': 'browser-test',
      'visitor.marketingCloudOrgId': '0123456789ABCDEF@AdobeOrg',
      'media.id': 'by-hand',
      'media.length': 60,
      'media.contentType': 'VOD',
      'media.playerName': 'none',
      'media.channel': 'browser-test',
    },
  };
}
