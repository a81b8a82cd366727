// The numbers on pages are those of answers that the tests ask for themselves, about the same sessions.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { GENERATED } from './addresses.mjs';
import { LAKE_DAYS } from './dashboard_server.mjs';
import { changeOf, format, texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { ads, catalogue, content, overview, quality, sql } = texts.en;
const SCOPE = { from: LAKE_DAYS.first, to: LAKE_DAYS.after, time_zone: 'Europe/Berlin' };

describe('numbers', { timeout: 2 * TEST_MS }, () => {
  test('overview: tiles with their change, the breakdown and its totals', async (t) => {
    const watched = await openPage(t);
    const metrics = ['sessions', 'content_starts', 'visitors', 'content_time_spent', 'average_content_time_spent',
      'content_completion_rate', 'rebuffer_ratio', 'time_to_start_ms_p95', 'error_rate'];
    const range = '2026-01-11..2026-01-20';
    await watched.goto(`/overview?range=${range}&compare=1&by=channel&metrics=${metrics.join(',')}`);
    const now = { ...SCOPE, from: '2026-01-11' };
    const before = { ...SCOPE, from: LAKE_DAYS.first, to: '2026-01-11' };
    const totals = await rig.server.report('/query', { ...now, metrics });
    const former = await rig.server.report('/query', { ...before, metrics });
    for (const { name, unit } of totals.columns) {
      const [value, was] = [totals.totals[name], former.totals[name]];
      const tile = await watched.tile(catalogue.metrics[name]);
      assert.equal(tile.text, format.unitShort(value, unit, name), name);
      assert.equal(tile.exact, format.unit(value, unit, name), name);
      assert.ok(tile.whole.includes(format.change(changeOf(value, was))), `${name}: ${tile.whole}`);
      assert.ok(tile.whole.includes(format.unitShort(was, unit, name)), `${name}: ${tile.whole}`);
    }
    const title = overview.breakdown.title.replace('{{dimension}}', catalogue.dimensions.channel);
    const answer = await rig.server.report('/query', { ...now, metrics, dimensions: ['channel'], order_by: ['-sessions'], limit: 20 });
    assertReport(await watched.table(title), answer);
    watched.assertNoComplaints('overview');
  });

  test('overview: a filter and a segment apply to every number, and a row leads further', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/overview?${GENERATED}&segment=video&f=channel:in:roku,ios&by=app_version&metrics=sessions,content_time_spent`);
    const filters = [{ dimension: 'channel', operator: 'in', values: ['roku', 'ios'] }];
    const question = { ...SCOPE, segment: 'video', filters, metrics: ['sessions', 'content_time_spent'] };
    const answer = await rig.server.report('/query', { ...question, dimensions: ['app_version'], order_by: ['-sessions'], limit: 20 });
    assert.ok(answer.rows.length > 1);
    const title = overview.breakdown.title.replace('{{dimension}}', catalogue.dimensions.app_version);
    assertReport(await watched.table(title), answer);
    assert.equal((await watched.tile(catalogue.metrics.sessions)).exact, format.unit(answer.totals.sessions, 'count'));

    const [first] = answer.rows;
    await page.getByRole('table', { name: title }).getByRole('link', { name: String(first[0]), exact: true }).click();
    await page.waitForURL((url) => url.searchParams.getAll('f').includes(`app_version:in:${first[0]}`));
    await watched.settle();
    assert.equal((await watched.tile(catalogue.metrics.sessions)).exact, format.unit(first[1], 'count'));
    watched.assertNoComplaints('drill-down');
  });

  test('overview: the file of what is shown has the same rows', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/overview?${GENERATED}&by=channel&metrics=sessions`);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    const file = await saved;
    assert.match(file.suggestedFilename(), new RegExp(`${LAKE_DAYS.first}.*Europe-Berlin.*\\.csv$`));
    const lines = (await textOf(file)).trimEnd().split('\r\n');
    const answer = await rig.server.report('/query', { ...SCOPE, metrics: ['sessions'], dimensions: ['channel'], order_by: ['-sessions'] });
    assert.equal(lines[0], `\ufeff${catalogue.dimensions.channel},${catalogue.metrics.sessions}`);
    assert.deepEqual(lines.slice(1, 4), answer.rows.slice(0, 3).map((row) => row.join(',')));
    assert.equal(lines.length, answer.row_count_total + 1);
    const picture = page.waitForEvent('download');
    await page.getByRole('button', { name: 'PNG' }).first().click();
    const { title, height } = await pictureOf(await picture);
    assert.match(title, new RegExp(`${LAKE_DAYS.first}.*Europe-Berlin.*\\.png$`));
    // The chart has 280 px; title, range and the moment are above it, at twice the size.
    assert.ok(height > 2 * (280 + 60), `${height} px: the drawing alone`);
    watched.assertNoComplaints('export');
  });

  test('sessions: the file has all of them, and not only those in sight', async (t) => {
    const watched = await openPage(t, { locale: 'zh-TW' });
    const { page } = watched;
    await watched.goto('/sessions?range=2026-01-10..2026-01-11');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    const lines = (await textOf(await saved)).trimEnd().split('\r\n');
    const days = { from: '2026-01-10', to: '2026-01-12', time_zone: SCOPE.time_zone };
    const { totals } = await rig.server.report('/query', { ...days, metrics: ['sessions'] });
    assert.ok(totals.sessions > 100, 'more than a page of them');
    assert.equal(lines.length, totals.sessions + 1);
    const { list } = texts['zh-TW'].sessions;
    assert.equal(lines[0], `\ufeff${[list.started, list.content, list.visitor, list.player, `${list.startup} (ms)`,
      list.score, list.state, `${list.played} (s)`,
      list.events, list.errors, list.diagnoses].join(',')}`);
    assert.match(lines[1], /^2026-01-11T\d\d:\d\d:\d\d(\.\d+)?Z,/);
    watched.assertNoComplaints('all sessions');
  });

  test('a chart without a button of its own can be saved as well', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/quality?${GENERATED}&f=channel:in:roku,ios`);
    const chart = page.getByRole('region', { name: quality.bitrates.title });
    const saved = page.waitForEvent('download');
    await chart.getByRole('button', { name: texts.en.shell.chart.savePicture }).click();
    const { title } = await pictureOf(await saved);
    assert.match(title, new RegExp(`${LAKE_DAYS.first}.*Europe-Berlin.*roku, ios\\.png$`));
    watched.assertNoComplaints('a picture');
  });

  test('content: the table and its totals; of one content its tiles and its funnel', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/content?${GENERATED}`);
    const metrics = ['content_starts', 'visitors', 'content_time_spent', 'average_content_time_spent',
      'content_completion_rate', 'average_minute_audience'];
    const answer = await rig.server.report('/query', {
      ...SCOPE, metrics, dimensions: ['content_id'], names: true, order_by: ['-content_starts'], limit: 25,
    });
    const { header, rows, footer } = await watched.table(content.list.title);
    assert.deepEqual(header.slice(1), metrics.map((name) => content.list.short[name]));
    const units = metrics.map((name) => answer.columns.find((column) => column.name === name).unit);
    const written = (values) => values.map((value, place) => format.unit(value, units[place], metrics[place]));
    const timelines = await rig.server.report('/query', {
      ...SCOPE, metrics: ['sessions'], dimensions: ['content_id', 'timeline'],
      filters: [{ dimension: 'timeline', operator: '=', value: 'content' }], limit: 100_000,
    });
    const withLength = new Set(timelines.rows.map(([id]) => id));
    assert.ok(answer.rows.some(([id]) => !withLength.has(id)), 'a live content is among them');
    // What has no length has no shares of it.
    const cellsOf = ([id, , ...values]) => written(values).map((text, place) =>
      (withLength.has(id) || !['content_completion_rate', 'average_minute_audience'].includes(metrics[place]) ? text : '–'));
    // Contents with as many starts may come in any order.
    assert.deepEqual(
      rows.map(([, ...cells]) => cells.join(' ')).sort(),
      answer.rows.map((row) => cellsOf(row).join(' ')).sort(),
    );
    assert.deepEqual(footer.slice(1), written(metrics.map((name) => answer.totals[name])));

    await page.getByRole('table', { name: content.list.title }).getByRole('link').first().click();
    await page.waitForURL('**/content/**');
    await watched.settle();
    const id = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1));
    const filters = [{ dimension: 'content_id', operator: '=', value: id }];
    await assertTiles(watched, { ...SCOPE, filters }, ['content_starts', 'visitors', 'content_time_spent',
      'content_completion_rate', 'time_to_start_ms_p95', 'rebuffer_ratio']);
    const { steps } = await rig.server.report(`/funnel?${new URLSearchParams({ ...SCOPE, filters: JSON.stringify(filters) })}`);
    const funnel = await watched.table(content.funnel.title);
    const counts = funnel.header.indexOf(content.funnel.sessions);
    assert.deepEqual(
      funnel.rows.map((row) => [row[0], row[counts], row[counts + 1]]),
      steps.map(({ step, count, share_of_first: share }) => [catalogue.metrics[step], format.number(count, 0), format.percent(share)]),
    );
    watched.assertNoComplaints('content');
  });

  test('quality: tiles and errors', async (t) => {
    const watched = await openPage(t);
    await watched.goto(`/quality?${GENERATED}`);
    await assertTiles(watched, SCOPE, ['time_to_start_ms_p50', 'time_to_start_ms_p95', 'rebuffer_ratio', 'error_rate',
      'stall_impacted_streams']);
    const { errors_by_id: errors } = await rig.server.report(`/quality?${new URLSearchParams({ ...SCOPE, limit: 50 })}`);
    const { rows } = await watched.table(quality.errors.title);
    assert.ok(errors.length > 5);
    assert.deepEqual(
      rows.map((row) => row.slice(-2).join(' ')).sort(),
      errors.map(({ sessions, error_rate: rate }) => `${format.number(sessions, 0)} ${format.percent(rate, 2)}`).sort(),
    );
    for (const { error_id: id } of errors.filter((error) => /^\w+$/.test(error.error_id ?? ''))) {
      assert.ok(rows.some(([name]) => name === id), `${id} is not in the table`);
    }
    watched.assertNoComplaints('quality');
  });

  test('ads: tiles and the tables', async (t) => {
    const watched = await openPage(t);
    const answer = await rig.server.report(`/ads?${new URLSearchParams({ ...SCOPE, limit: 50 })}`);
    await watched.goto(`/ads?${GENERATED}&by=position`);
    for (const name of ['ad_starts', 'ad_completes', 'ad_skips']) {
      const { exact } = await watched.tile(catalogue.metrics[name]);
      assert.equal(exact, format.unit(answer[name], 'count', name), name);
    }
    assert.equal((await watched.tile(catalogue.metrics.ad_completion_rate)).exact, format.percent(answer.ad_completion_rate));
    assert.equal((await watched.tile(catalogue.metrics.ad_time_spent)).exact, format.duration(answer.ad_time_spent));
    const numbers = (row) => [format.percent(row.ad_completion_rate), row.ad_starts, row.ad_completes, row.ad_skips,
      row.ads_not_completed].map((value) => typeof value === 'number' ? format.number(value, 0) : value)
      .concat(format.duration(row.ad_time_spent)).join(' ');
    const shown = async (grouping) => {
      const { rows } = await watched.table(`${ads.tables.title}: ${ads.tables[grouping]}`);
      return rows.map((row) => row.slice(-6).join(' ')).sort();
    };
    assert.deepEqual(await shown('position'), answer.by_position.map(numbers).sort());
    await watched.page.getByRole('tab', { name: ads.tables.advertiser }).click();
    assert.deepEqual(await shown('advertiser'), answer.by_advertiser.map(numbers).sort());
    watched.assertNoComplaints('ads');
  });

  test('SQL: the rows of the answer, and the same again from the address', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const query = 'select channel, count(*) as n, sum(content_time_spent) as spent from sessions group by 1 order by n desc, channel limit 7';
    const answer = await rig.server.report('/sql', { query });
    await watched.goto('/sql');
    const editor = page.getByRole('textbox', { name: new RegExp(sql.editor.label) });
    await editor.click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText(query);
    await page.getByRole('button', { name: sql.editor.run, exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get('q') === query);
    const digits = new Intl.NumberFormat('en-US', { maximumFractionDigits: 12 });
    const wanted = answer.rows.map((row) => row.map((value) => typeof value === 'number' ? digits.format(value) : String(value)));
    const result = page.getByRole('group', { name: sql.result.title, exact: true });
    const rows = () => result.locator('tbody tr').evaluateAll((found) => found
      .map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
    await result.waitFor();
    assert.deepEqual(await rows(), wanted);

    await page.reload();
    await result.waitFor();
    assert.deepEqual(await rows(), wanted);
    await page.getByText(sql.result.chart, { exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get('view') === 'chart');
    await page.locator('main canvas').first().waitFor();
    watched.assertNoComplaints('SQL');

    await editor.click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText('select nonsense from nowhere');
    await page.keyboard.press('ControlOrMeta+Enter');
    await page.getByRole('alert').waitFor();
    assert.match(await page.getByRole('alert').innerText(), /nowhere/);
    watched.assertNoComplaints('a faulty query', [/^(answer|console).*400/]);
  });
});

/** Tiles show the totals of an answer, exactly. */
async function assertTiles(watched, scope, metrics) {
  const { columns, totals } = await rig.server.report('/query', { ...scope, metrics });
  for (const { name, unit } of columns) {
    const { exact } = await watched.tile(catalogue.metrics[name]);
    assert.equal(exact, format.unit(totals[name], unit, name), name);
  }
}

/** A table shows an answer: the same rows in the same order, all numbers in their units, and totals below. */
function assertReport({ header, rows, footer }, answer) {
  const places = answer.columns.map(({ name, kind }, place) => ({
    place, name, unit: answer.columns[place].unit, isMetric: kind === 'metric',
    shown: header.findIndex((text) => text === (kind === 'metric' ? catalogue.metrics[name] : catalogue.dimensions[name])),
  }));
  for (const { name, shown } of places) assert.notEqual(shown, -1, `${name} is not among ${header}`);
  const written = (name, unit, value) => format.unit(value, unit, name);
  assert.deepEqual(
    rows.map((row) => places.map(({ shown }) => row[shown])),
    answer.rows.map((row) => places.map(({ name, unit, isMetric, place }) =>
      isMetric ? written(name, unit, row[place]) : row[place] ?? overview.breakdown.none)),
  );
  for (const { name, unit, isMetric, shown } of places) {
    if (isMetric) assert.equal(footer[shown], written(name, unit, answer.totals[name]), `total of ${name}`);
  }
}

async function pictureOf(download) {
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (process.env.PICTURES) writeFileSync(join(process.env.PICTURES, download.suggestedFilename()), bytes);
  return { title: download.suggestedFilename(), width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

async function textOf(download) {
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
