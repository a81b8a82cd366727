// A content is one, whatever it is called and whether or not it has a length: its list, its page, the API and SQL agree.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';

import { CollectedSession, HOSTILE_NAMES } from './collected_sessions.mjs';
import { format, texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { ads, catalogue, content, overview, sessions: { list }, shell } = texts.en;
const CHANNEL = 'contents-test';
const SCOPE = `f=channel:in:${CHANNEL}`;
const FILTERS = [{ dimension: 'channel', operator: '=', value: CHANNEL }];

/** A session that has ended, with what a player says about the content. */
async function watch(params, playheads) {
  const session = await CollectedSession.open(rig.server, { 'media.channel': CHANNEL, ...params });
  for (const playhead of playheads) await session.send('ping', {}, playhead);
  await session.send('sessionEnd', {}, playheads.at(-1));
  return session.id;
}

/** A session of a content in which an ad of this name plays. */
async function watchAd(name) {
  const session = await CollectedSession.open(rig.server, { 'media.channel': CHANNEL, 'media.id': 'with-ads', 'media.name': 'With ads' });
  const pod = { 'media.ad.podFriendlyName': 'pre', 'media.ad.podIndex': 0, 'media.ad.podSecond': 0 };
  await session.send('adBreakStart', { params: pod });
  const ad = { 'media.ad.id': 'ad-7', 'media.ad.length': 30, 'media.ad.podPosition': 1, 'media.ad.playerName': 'p' };
  await session.send('adStart', { params: name === null ? ad : { ...ad, 'media.ad.name': name } });
  await session.send('adComplete');
  await session.send('adBreakComplete');
  await session.send('sessionEnd');
}

const SECOND_OF_DAY = 72_000;

/** Sends what the tests are about, once. */
let sent;
function sessions() {
  sent ??= (async () => {
    await watch({ 'media.id': 'renamed', 'media.name': 'Working title' }, [1]);
    await watch({ 'media.id': 'renamed', 'media.name': undefined }, [1]);
    await watch({ 'media.id': 'renamed', 'media.name': 'The last title' }, [1]);
    await watch({ 'media.id': 'renamed', 'media.name': undefined }, [1]);
    for (let place = 0; place < 3; place += 1) {
      const live = { 'media.id': 'derby', 'media.name': 'Derby', 'media.contentType': 'live', 'media.length': 5400 };
      await watch(live, [SECOND_OF_DAY, SECOND_OF_DAY + 1, SECOND_OF_DAY + 2]);
    }
    await watch({ 'media.id': 'both', 'media.name': 'Both' }, [0, 1, 2]);
    await watch({ 'media.id': 'both', 'media.name': 'Both', 'media.contentType': 'live' }, [SECOND_OF_DAY]);
    for (const name of ['Spring', 'Summer', null]) await watchAd(name);
    await until(async () => (await counted([])).totals.sessions === 12);
  })();
  return sent;
}

async function until(holds) {
  const deadline = Date.now() + TEST_MS / 2;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, 'the sessions were not counted in time');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function counted(filters, more = {}) {
  return rig.server.report('/query', { metrics: ['sessions', 'content_starts'], filters: [...FILTERS, ...filters], ...more });
}

const isContent = (id) => ({ dimension: 'content_id', operator: '=', value: id });
const filtersText = (...filters) => encodeURIComponent(JSON.stringify([...FILTERS, ...filters]));

describe('contents', { timeout: 3 * TEST_MS }, () => {
  test('a content of two titles is one row with its latest, and the list, its page, API and SQL count the same', async (t) => {
    await sessions();
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/content?${SCOPE}`);
    const list = await watched.table(content.list.title);
    const starts = list.header.indexOf(content.list.short.content_starts);
    const derby = list.rows.find(([name]) => name.includes('derby'));
    const ofLength = ['content_completion_rate', 'average_minute_audience'].map((name) => content.list.short[name]);
    assert.deepEqual(ofLength.map((name) => derby[list.header.indexOf(name)]), ['–', '–'], 'shares of no length');
    const rows = list.rows.filter(([name]) => name.includes('renamed'));
    assert.equal(rows.length, 1, JSON.stringify(list.rows));
    const [[name, ...cells]] = rows;
    assert.ok(name.startsWith('The last title'), name);
    assert.ok(name.includes(shell.names.also) && name.includes('Working title'), name);
    const answer = await counted([], { dimensions: ['content_id'], names: true });
    const row = answer.rows.find(([id]) => id === 'renamed');
    assert.deepEqual(row.slice(1, 3), ['The last title', 4]);
    assert.equal(cells[starts - 1], format.number(row[3], 0));
    const sql = await rig.server.report('/sql', {
      query: `select count(*), count(*) filter (where content_start) from sessions where content_id = 'renamed' and channel = '${CHANNEL}'`,
    });
    assert.deepEqual(sql.rows[0], row.slice(2));

    await page.getByRole('table', { name: content.list.title }).getByRole('link', { name: /The last title/ }).click();
    await page.waitForURL((url) => url.pathname === '/content/renamed');
    await watched.settle();
    assert.equal((await watched.tile(catalogue.metrics.content_starts)).exact, format.number(row[3], 0));
    await page.getByRole('heading', { level: 1, name: 'The last title' }).waitFor();
    await page.getByText('Working title').first().waitFor();
    watched.assertNoComplaints('a renamed content');
  });

  test('a search by an old title finds the content under its latest, with all its sessions', async (t) => {
    await sessions();
    const watched = await openPage(t);
    await watched.goto(`/content?${SCOPE}&q=working`);
    const { header, rows } = await watched.table(content.list.title);
    assert.equal(rows.length, 1);
    const starts = header.indexOf(content.list.short.content_starts);
    const { totals } = await counted([isContent('renamed')]);
    assert.ok(rows[0][0].startsWith('The last title'), rows[0][0]);
    assert.equal(rows[0][starts], format.number(totals.content_starts, 0));
    await watched.goto(`/content?${SCOPE}&q=nothing-like-it`);
    await watched.text(content.list.notFound.replace('{{search}}', 'nothing-like-it')).waitFor();
    watched.assertNoComplaints('search');
  });

  test('the breakdown of the overview is by content, and sorts by the names that it shows', async (t) => {
    await sessions();
    const watched = await openPage(t);
    await watched.goto(`/overview?${SCOPE}&by=content_id&metrics=sessions&order=content_name`);
    const { rows } = await watched.table(overview.breakdown.title.replace('{{dimension}}', catalogue.dimensions.content_id));
    assert.deepEqual(rows.map(([, sessionsShown]) => sessionsShown), ['2', '3', '4', '3']);
    assert.deepEqual(rows.map(([name]) => name.match(/^(Both|Derby|The last title|With ads)/)?.[0]), ['Both', 'Derby', 'The last title', 'With ads']);
    watched.assertNoComplaints('breakdown by content');
  });

  test('a renamed ad is one row with its latest name', async (t) => {
    await sessions();
    const watched = await openPage(t);
    await watched.goto(`/ads?${SCOPE}`);
    const { header, rows } = await watched.table(`${ads.tables.title}: ${ads.tables.ad}`);
    assert.equal(rows.length, 1, JSON.stringify(rows));
    assert.ok(rows[0][0].startsWith('Summer') && rows[0][0].includes('Spring'), rows[0][0]);
    assert.equal(rows[0][header.indexOf(ads.columns.starts)], '3');
    watched.assertNoComplaints('a renamed ad');
  });

  test('a live content is shown by the clock, without a funnel, retention or shares of a length', async (t) => {
    await sessions();
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/content/derby?${SCOPE}`);
    const today = await rig.server.report(`/audience?content_id=derby&filters=${filtersText()}`);
    assert.equal(today.by, 'clock');
    assert.deepEqual([today.timelines.live, today.sessions], [3, 3]);
    assert.ok(today.audience.length > 0 && today.average_minute_audience > 0, JSON.stringify(today));
    await page.getByRole('heading', { name: content.clock.title }).waitFor();
    await page.getByText(content.clock.because.live).waitFor();
    await page.getByText(`Average minute audience ${format.number(today.average_minute_audience, 2)}`).waitFor();
    for (const title of [content.funnel.title, content.retention.title, content.audience.title]) {
      assert.equal(await page.getByRole('heading', { name: title, exact: true }).count(), 0, title);
    }
    assert.equal(await page.getByText(content.audience.empty).count(), 0, 'nobody watched');
    assert.equal(await page.getByText(catalogue.metrics.content_completion_rate).count(), 0, 'a share of no length');
    assert.equal((await watched.tile(catalogue.metrics.content_starts)).exact, '3');
    assert.deepEqual(await watched.accessibilityFaults(), []);
    watched.assertNoComplaints('a live content');
  });

  test('an id with an escape, a slash or steps in it opened the page of another content, or none', async (t) => {
    const channel = `hostile ids ${randomUUID()}`;
    const ids = ['a%2Fb', '50% off?#&=+', '..', '~..', '../..', '😀👩‍👩‍👧', 'w'.repeat(1_000), HOSTILE_NAMES.markup];
    for (const [place, id] of ids.entries()) {
      await watch({ 'media.channel': channel, 'media.id': id, 'media.name': `Hostile ${place}`, 'media.length': 600 }, [1]);
    }
    const filters = [{ dimension: 'channel', operator: '=', value: channel }];
    await until(async () => (await rig.server.report('/query', { metrics: ['sessions'], filters })).totals.sessions === ids.length);
    const watched = await openPage(t);
    const { page } = watched;
    const scope = `f=${encodeURIComponent(`channel:in:${channel}`)}`;
    for (const [place, id] of ids.entries()) {
      await watched.goto(`/content?${scope}`);
      await page.getByRole('table', { name: content.list.title }).getByRole('link', { name: new RegExp(`Hostile ${place}(?!\\d)`) }).first().click();
      await page.waitForURL((url) => url.pathname.startsWith('/content/'));
      const address = page.url();
      const isThere = async (from) => {
        await page.getByRole('heading', { level: 1, name: `Hostile ${place}` }).waitFor();
        await watched.settle();
        assert.equal((await watched.tile(catalogue.metrics.content_starts)).exact, '1', `${from}: ${id.slice(0, 20)}`);
      };
      await isThere('list');
      await page.reload();
      await isThere('address');
      await watched.assertNoOverflow(id.slice(0, 20));
      await page.getByRole('link', { name: content.detail.sessions }).click();
      await page.waitForURL((url) => url.pathname === '/sessions' && url.searchParams.get('content') === id);
      await watched.settle();
      assert.equal((await watched.table(list.title)).rows.length, 1, `sessions of ${id.slice(0, 20)}`);
      await page.goBack();
      await page.waitForURL(address);
      await isThere('back');
      await page.getByRole('link', { name: content.detail.back }).click();
      await page.waitForURL((url) => url.pathname === '/content');
      watched.assertNoComplaints(id.slice(0, 20));
    }
  });

  test('a content that is live and on demand says which sessions each panel shows', async (t) => {
    await sessions();
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/content/both?${SCOPE}`);
    await page.getByText(content.mixed.content_one.replace('{{shown}}', '1').replace('{{all}}', '2')).waitFor();
    await page.getByText(content.mixed.clock_one.replace('{{shown}}', '1')).waitFor();
    const funnel = await watched.table(content.funnel.title);
    assert.equal(funnel.rows[0][funnel.header.indexOf(content.funnel.sessions)], '1');
    await page.getByRole('heading', { name: content.retention.title, exact: true }).waitFor();
    await page.getByRole('heading', { name: content.clock.title }).waitFor();
    watched.assertNoComplaints('a content of both kinds');
  });
});
