// How many were there at the same time: the page's peak is the API's, and it leads to who and what it was.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { GENERATED } from './addresses.mjs';
import { LAKE_DAYS } from './dashboard_server.mjs';
import { format, texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { catalogue, concurrency, sessions } = texts.en;
const ZONE = 'Europe/Berlin';
const DAYS = { from: LAKE_DAYS.first, to: LAKE_DAYS.after, time_zone: ZONE };

const ask = (path, params) => rig.server.report(`${path}?${new URLSearchParams(params)}`);
const written = (moment) => `${format.date(moment)} ${format.timeOfDay(moment)}`;
/** The id below a name, or the id itself. */
const shortOf = (content) => content.split('\n')[1] ?? content;

describe('the concurrency page', { timeout: 2 * TEST_MS }, () => {
  test('its peak is that of the API, and leads to the sessions and contents that it was', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/concurrency?${GENERATED}`);
    const { peak, average, present } = await ask('/concurrency', DAYS);
    assert.ok(peak.value > 1, JSON.stringify(peak));
    const tile = await watched.tile(concurrency.tiles.peak);
    assert.equal(tile.exact, format.number(peak.value, 0));
    assert.ok(tile.whole.includes(written(peak.at)), tile.whole);
    assert.equal((await watched.tile(concurrency.tiles.average)).exact, format.number(average, 6));
    assert.equal((await watched.tile(concurrency.tiles.present)).exact, format.number(present.peak.value, 0));

    const next = new Date(Date.parse(peak.at) + 1000).toISOString();
    const second = { from: peak.at, to: next, granularity: 'second', by: 'content_id', limit: '10' };
    const contents = await ask('/concurrency', second);
    assert.equal(contents.peak.value, peak.value);
    const { rows } = await watched.table(concurrency.peak.title);
    assert.deepEqual(
      rows.map(([content, count]) => [shortOf(content), count]).sort(),
      contents.series.map(({ value, peak: most }) => [value, format.number(most.value, 0)]).sort(),
    );
    const unlisted = contents.other?.peak.value ?? 0;
    const listed = contents.series.reduce((sum, { peak: most }) => sum + most.value, 0);
    assert.equal(listed + unlisted, peak.value, 'the contents of a second add up to its sessions');

    await page.getByRole('group', { name: concurrency.tiles.label }).getByRole('link').click();
    await page.waitForURL((url) => url.pathname === '/sessions');
    await watched.settle();
    const address = new URL(page.url());
    assert.deepEqual(address.searchParams.getAll('f').map((filter) => filter.replaceAll('\\', '')), [
      `started_at:lt:${next}`,
      `last_event_at:gte:${new Date(peak.at).toISOString()}`,
    ]);
    const table = await watched.table(sessions.list.title);
    const filters = JSON.stringify([
      { dimension: 'started_at', operator: '<', value: next },
      { dimension: 'last_event_at', operator: '>=', value: peak.at },
    ]);
    const { total } = await ask('/sessions', { filters, limit: '1' });
    assert.ok(total >= peak.value, `${total} sessions were under way at a peak of ${peak.value}`);
    assert.ok(total < 50, 'more than a page of them');
    assert.equal(table.rows.length, total, 'the list has other sessions than those of the peak');
    watched.assertNoComplaints('from a peak to its sessions');
  });

  test('visitors that play are counted by second, with a line and a peak for each value of a dimension', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const day = { from: '2026-01-10', to: '2026-01-11', time_zone: ZONE };
    await watched.goto('/concurrency?range=2026-01-10..2026-01-10');
    await page.getByText(concurrency.visitors, { exact: true }).first().click();
    await page.getByText(concurrency.controls.playing, { exact: true }).click();
    await page.getByText(concurrency.controls.second, { exact: true }).click();
    await page.getByRole('combobox', { name: concurrency.controls.by }).fill(catalogue.dimensions.channel);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => ['count', 'state', 'granularity', 'by'].every((name) => url.searchParams.has(name)));
    await watched.settle();
    const answer = await ask('/concurrency', {
      ...day, count: 'visitors', state: 'playing', granularity: 'second', by: 'channel', limit: '7',
    });
    assert.equal((await watched.tile(concurrency.tiles.peak)).exact, format.number(answer.peak.value, 0));
    const title = concurrency.values.title.replace('{{dimension}}', catalogue.dimensions.channel);
    const table = await watched.table(title);
    assert.deepEqual(
      table.rows.map((cells) => cells.join(' ')).sort(),
      answer.series.map(({ value, peak, average }) =>
        [value, format.number(peak.value, 0), written(peak.at), format.number(average, 2)].join(' ')).sort(),
    );

    const [first] = answer.series;
    await page.getByRole('table', { name: title }).getByRole('link', { name: first.value, exact: true }).click();
    await page.waitForURL((url) => url.searchParams.getAll('f').includes(`channel:in:${first.value}`));
    await watched.settle();
    const filters = JSON.stringify([{ dimension: 'channel', operator: 'in', values: [first.value] }]);
    const one = await ask('/concurrency', { ...day, filters });
    assert.equal((await watched.tile(concurrency.tiles.peak)).exact, format.number(one.peak.value, 0));
    watched.assertNoComplaints('a breakdown by second');
  });

  test('a range that is too long for seconds says so, and offers minutes', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/concurrency?${GENERATED}&granularity=second`);
    await watched.text(concurrency.tooLong.seconds).waitFor();
    await watched.text(concurrency.tooLong.secondsHint.replace('{{days}}', '7')).waitFor();
    await page.getByRole('button', { name: concurrency.tooLong.toMinutes }).click();
    await page.waitForURL((url) => !url.searchParams.has('granularity'));
    await watched.settle();
    assert.equal((await watched.tile(concurrency.tiles.peak)).exact, format.number((await ask('/concurrency', DAYS)).peak.value, 0));
    watched.assertNoComplaints('too long for seconds');
  });

  test('time spent is by parts of the clock that fit the range', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const panel = page.getByRole('region', { name: concurrency.time.title });
    const chosen = () => panel.getByRole('radio', { checked: true }).getAttribute('value');
    await watched.goto(`/concurrency?${GENERATED}`);
    assert.equal(await chosen(), '60');
    const spent = await ask('/time-spent', { ...DAYS, bucket: '60' });
    await panel.getByText(concurrency.time.hint.replace('{{time}}', format.duration(spent.total_seconds))).waitFor();
    await watched.goto('/concurrency?range=2026-01-10..2026-01-10');
    assert.equal(await chosen(), '5');
    await panel.getByText(concurrency.time.minutes.replace('{{minutes}}', '30'), { exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get('bucket') === '30');
    await watched.settle();
    assert.equal(await chosen(), '30');
    assert.deepEqual(await watched.accessibilityFaults(), []);
    watched.assertNoComplaints('time spent');
  });
});
