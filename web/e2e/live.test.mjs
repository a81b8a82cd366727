import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { eventually } from '../../browser/bounded.mjs';
import { CollectedSession } from './collected_sessions.mjs';
import { DashboardServer } from './dashboard_server.mjs';
import { format, texts } from './page_source.mjs';
import { arrange, openPage, TEST_MS } from './rig.mjs';

arrange();
const { catalogue, filters, live } = texts.en;
const { tiles } = live;
/** The page hears from the server each second; a busy machine may be late. */
const SOON_MS = 15_000;

describe('the live page', { timeout: TEST_MS }, () => {
  test('its numbers are those of the server, and move when sessions open', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    const { page } = watched;
    await watched.goto('/');
    await watched.text(live.content.empty).waitFor();
    assert.equal((await watched.tile(tiles.active)).text, '0');

    const open = (id, visitor) => CollectedSession.open(server, {
      'media.id': id, 'media.name': `Content ${id}`, 'analytics.visitorId': visitor,
    });
    await open('one', 'anna');
    await open('one', 'bert');
    const paused = await open('two', 'anna');
    await paused.send('pauseStart');
    const buffering = await open('two', 'carl');
    await buffering.send('bufferStart');
    await buffering.send('error', { qoeData: { 'media.qoe.errorID': 'E1', 'media.qoe.errorSource': 'player' } });

    // Of four sessions two play; the share is of those that play or buffer. On the way there, each count is of its moment.
    const wanted = {
      active: '4', playing: '2', viewers: '3', rebuffering: format.percent(1 / 3, 2), starts: '4', errors: '1',
    };
    const shown = {};
    await eventually('the numbers are those of the four sessions', async () => {
      for (const name of Object.keys(wanted)) shown[name] = (await watched.tile(tiles[name])).text;
      return isDeepStrictEqual(shown, wanted) || undefined;
    }, SOON_MS).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(shown)}`); });
    const { rows } = await watched.table(live.content.title);
    assert.deepEqual(rows.map(([name, ...numbers]) => [name.split('\n')[0], ...numbers]).sort(), [
      ['Content one', '2', '2', '2'], ['Content two', '2', '0', '2'],
    ]);
    const { sessions } = await server.report('/sessions?open=true&limit=25');
    const listed = await eventually('the table of open sessions is up to date', async () => {
      const table = await watched.table(live.open.title);
      return table.rows.length === sessions.length ? table : undefined;
    }, SOON_MS);
    assert.deepEqual(listed.rows.map(([name]) => name), sessions.map(({ content_name: name }) => name));

    // What is counted is also what the last point of the chart has.
    const [figure] = await page.locator('figure').filter({ has: page.getByRole('img', { name: live.concurrency.label }) }).all();
    await figure.hover();
    await figure.getByRole('button', { name: texts.en.shell.chart.showTable }).click();
    const table = await watched.table(live.concurrency.label);
    assert.deepEqual(table.rows[0].slice(1), ['4', '2', '3', '0']);
    watched.assertNoComplaints('live');
  });

  test('it says when it is stale, and comes back by itself after the server was killed', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true, flags: ['--checkpoint-interval', '1s'] });
    t.after(() => server.stop());
    await CollectedSession.open(server, { 'media.name': 'Survivor' });
    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    const { page } = watched;
    await watched.goto('/');
    await watched.text(live.status.connected).waitFor();
    await eventually('the session shows', async () => (
      (await watched.tile(tiles.active)).text === '1' ? true : undefined
    ), SOON_MS);
    watched.assertNoComplaints('before the kill');

    await server.kill();
    await watched.text(live.status.offline).waitFor();
    const banner = page.getByRole('status').filter({ has: page.getByRole('button', { name: live.stale.reconnect }) });
    await banner.waitFor();
    // The last numbers stay in sight.
    assert.equal((await watched.tile(tiles.active)).text, '1');

    await server.startAgain();
    await watched.text(live.status.connected).waitFor();
    await banner.waitFor({ state: 'detached' });
    await CollectedSession.open(server, { 'media.name': 'Newcomer' });
    await eventually('the session of before and the new one show', async () => (
      (await watched.tile(tiles.active)).text === '2' ? true : undefined
    ), SOON_MS);
    assert.match(page.url(), /\/$/, 'the login was lost');
    watched.assertNoComplaints('after the restart', [/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/, /answer: 503|console:.*503/]);
  });

  test('what is open when the page opens is there at once', async (t) => {
    // Sessions of the sample ended long ago or are silent.
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    await CollectedSession.open(server, { 'media.name': 'Here already' });
    const cookie = await server.logIn('admin');
    await eventually('the session is counted', async () => (
      (await liveMessage(server, cookie)).sessions_active === 1 || undefined
    ), SOON_MS);
    const watched = await openPage(t, { server, cookie });
    await watched.goto('/');
    const { content } = await liveMessage(server, cookie);
    const { rows } = await watched.table(live.content.title);
    assert.equal(rows.length, content.length);
    assert.equal((await watched.tile(tiles.active)).text, String((await liveMessage(server, cookie)).sessions_active));
  });

  test('filtered by a channel, it shows only the players of the channel', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    const open = (channel, name, visitor) => CollectedSession.open(server, {
      'media.channel': channel, 'media.id': name, 'media.name': name, 'analytics.visitorId': visitor,
    });
    await open('web', 'Film', 'anna');
    await open('web', 'Show', 'anna');
    const buffering = await open('web', 'Film', 'bert');
    await buffering.send('bufferStart');
    await open('tv', 'Film', 'anna');
    await open('tv', 'Match', 'carl');
    const cookie = await server.logIn('admin');
    const watched = await openPage(t, { server, cookie });
    const { page } = watched;
    await watched.goto('/?last=5m');
    const active = async (wanted) => eventually(`${wanted} sessions are active`, async () => (
      (await watched.tile(tiles.active)).text === wanted || undefined
    ), SOON_MS);
    await active('5');
    // So that there is a time before the filter.
    await new Promise((resolve) => { setTimeout(resolve, 10_000); });

    const bar = page.getByRole('group', { name: live.filter.label });
    await bar.getByRole('button', { name: filters.add, exact: true }).click();
    const editor = page.getByRole('dialog', { name: filters.addTitle });
    // Why a session closes is not known when it starts.
    const dimension = editor.getByRole('combobox', { name: filters.dimension });
    await dimension.fill('c');
    const offered = (name) => page.getByRole('option', { name: new RegExp(`^${catalogue.dimensions[name]}`) });
    await offered('channel').waitFor();
    assert.equal(await offered('close_reason').count(), 0);
    await dimension.fill('channel');
    await page.keyboard.press('Enter');
    await editor.getByRole('combobox', { name: filters.values }).fill('web');
    await page.keyboard.press('Enter');
    const filteredAtMs = Date.now();
    await editor.getByRole('button', { name: filters.apply }).click();
    await page.waitForURL((url) => url.pathname === '/' && url.searchParams.get('f') === 'channel:in:web');

    const isOfWeb = async () => {
      await active('3');
      const { rows } = await watched.table(live.content.title);
      assert.deepEqual(rows.map(([name, ...numbers]) => [name.split('\n')[0], ...numbers]), [
        ['Film', '2', '1', '2'], ['Show', '1', '1', '1'],
      ]);
      const listed = await eventually('the table of open sessions is filtered', async () => {
        const table = await watched.table(live.open.title);
        return table.rows.length === 3 ? table : undefined;
      }, SOON_MS);
      assert.deepEqual([...new Set(listed.rows.map((row) => row[3]))], ['web']);
      const message = await liveMessage(server, cookie, '?channel=web');
      assert.deepEqual(
        [message.sessions_active, message.sessions_playing, message.viewers_active, message.content.length], [3, 2, 2, 2],
      );
      for (const [name, value] of [['active', 'sessions_active'], ['playing', 'sessions_playing'], ['viewers', 'viewers_active']]) {
        assert.equal((await watched.tile(tiles[name])).text, String(message[value]), name);
      }
    };
    await isOfWeb();
    // What was there before anybody watched the channel is in the chart: by reports.
    const [figure] = await page.locator('figure').filter({ has: page.getByRole('img', { name: live.concurrency.label }) }).all();
    await figure.hover();
    await figure.getByRole('button', { name: texts.en.shell.chart.showTable }).click();
    const shown = await eventually('the chart has the time before the filter', async () => {
      const { rows } = await watched.table(live.concurrency.label);
      const values = rows.map((row) => row[1]);
      // A row for each five seconds.
      const sinceFilter = Math.floor((Date.now() - filteredAtMs) / 5_000) + 1;
      return values.filter((value) => value === '3').length > sinceFilter ? values : undefined;
    }, SOON_MS);
    assert.ok(!shown.includes('4') && !shown.includes('5'), `the chart has sessions of other channels: ${shown}`);

    await open('web', 'Film', 'dora');
    await open('tv', 'Match', 'emil');
    await active('4');
    await eventually('one start is counted, and said since when', async () => (
      (await watched.tile(tiles.starts)).text === '1' || undefined
    ), SOON_MS);
    await page.reload();
    await active('4');
    const label = `${catalogue.dimensions.channel} ${catalogue.operators.in} web`;
    await bar.getByRole('button', { name: filters.remove.replace('{{filter}}', label) }).click();
    await page.waitForURL((url) => !url.searchParams.has('f'));
    await active('7');
    watched.assertNoComplaints('live with a filter');
  });

  test('filters that live numbers cannot have are marked, and a refusal is told in its words', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    await CollectedSession.open(server, { 'media.channel': 'web' });
    const cookie = await server.logIn('admin');
    const watched = await openPage(t, { server, cookie });
    const { page } = watched;
    await watched.goto('/?f=close_reason:in:session_end');
    await eventually('the session shows', async () => (
      (await watched.tile(tiles.active)).text === '1' || undefined
    ), SOON_MS);
    const why = live.filter.ignored.replace('{{dimension}}', catalogue.dimensions.close_reason);
    await page.getByTitle(why).waitFor();
    watched.assertNoComplaints('a filter that does not apply');

    const others = new AbortController();
    t.after(() => others.abort());
    for (let place = 0; place < 64; place += 1) {
      const answer = await fetch(`${server.base}/reports/v1/live?channel=${place}`, {
        headers: { Cookie: cookie.split(';')[0] }, signal: others.signal,
      });
      assert.equal(answer.status, 200);
    }
    // The page waits for numbers, so it does not settle.
    await page.goto('/?f=channel:in:web');
    await page.getByRole('status').filter({ hasText: 'different filters of live numbers' }).waitFor();
    others.abort();
    await eventually('the session shows when there is room', async () => (
      (await watched.tile(tiles.active)).text === '1' || undefined
    ), 2 * SOON_MS);
    watched.assertNoComplaints('a refusal', [/503/, /ERR_/]);
  });
});

/** The next message of the stream, as any client gets it. */
async function liveMessage(server, cookie, query = '') {
  const answer = await fetch(`${server.base}/reports/v1/live${query}`, { headers: { Cookie: cookie.split(';')[0] } });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!/^data: [^\n]*\n\n/m.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the stream ended: ${text}`);
    text += value;
  }
  await reader.cancel();
  return JSON.parse(text.match(/^data: ([^\n]*)\n/m)[1]);
}
