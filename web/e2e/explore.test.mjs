// Breakdowns, lines of values, other periods and two sides: what the page shows is what the API and SQL say.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { eventually } from '../../browser/bounded.mjs';
import { GENERATED } from './addresses.mjs';
import { DashboardServer, LAKE_DAYS } from './dashboard_server.mjs';
import { changeOf, format, texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { catalogue, filters: words, kept, overview, sessions, shell, sides } = texts.en;
const SCOPE = { from: LAKE_DAYS.first, to: LAKE_DAYS.after, time_zone: 'Europe/Berlin' };
const DAY_MS = 24 * 60 * 60 * 1000;

const fill = (text, values) => text.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);
const listTitle = (count) =>
  sessions.list[count === 1 ? 'total_one' : 'total_other'].replace('{{shown}}', format.number(count, 0));
const linkName = (count) =>
  shell[count === 1 ? 'viewSessions_one' : 'viewSessions_other'].replace('{{shown}}', format.number(count, 0));
const dimensionName = (name) => catalogue.dimensions[name] ?? name.replace(/^custom\./, '');
const breakdownTitle = (by) => fill(overview.breakdown.title, { dimension: by.map(dimensionName).join(' · ') });
const shownValue = (value) => value === null ? overview.breakdown.none : String(value);

async function sql(query) {
  return (await rig.server.report('/sql', { query })).rows;
}

const WITHIN = `started_at >= timestamptz '2025-12-31 23:00:00Z' and started_at < timestamptz '2026-01-20 23:00:00Z'`;

describe('a breakdown by several dimensions', { timeout: 2 * TEST_MS }, () => {
  test('two and three dimensions, a key of custom metadata among them, have the rows of the API and of SQL', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const by = ['channel', 'custom.plan', 'player_name'];
    const metrics = ['sessions', 'content_time_spent'];
    await watched.goto(`/overview?${GENERATED}&metrics=${metrics.join(',')}&by=channel`);
    await chooseDimension(page, 2, 'custom.plan');
    await page.waitForURL((url) => url.searchParams.getAll('by').join() === by.slice(0, 2).join());
    await chooseDimension(page, 3, 'player_name');
    await page.waitForURL((url) => url.searchParams.getAll('by').join() === by.join());
    await watched.settle();
    const answer = await rig.server.report('/query', { ...SCOPE, metrics, dimensions: by, order_by: ['-sessions'], limit: 20 });
    assert.ok(answer.row_count_total > 20 && answer.rows.some(([, plan]) => plan !== null), 'there is something to tell apart');
    const { header, rows, footer } = await watched.table(breakdownTitle(by));
    assert.deepEqual(header, [...by.map(dimensionName), ...metrics.map((name) => catalogue.metrics[name])]);
    assert.deepEqual(rows, answer.rows.map(([channel, plan, player, count, spent]) =>
      [shownValue(channel), shownValue(plan), shownValue(player), format.unit(count, 'count'), format.duration(spent)]));
    assert.equal(footer[3], format.unit(answer.totals.sessions, 'count'));
    const counted = await sql(`select channel, custom_metadata['plan'] as plan, player_name, count(*) from sessions where ${WITHIN}
      group by 1, 2, 3 order by 4 desc limit 1`);
    assert.deepEqual(answer.rows[0].slice(0, 4), counted[0]);
    watched.assertNoComplaints('three dimensions');
  });

  test('each row leads to exactly its sessions, also one without a value, and the address keeps it all', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const by = ['channel', 'custom.plan'];
    await watched.goto(`/overview?${GENERATED}&metrics=sessions&by=${by.join('&by=')}&f=content_type:in:vod`);
    const answer = await rig.server.report('/query', {
      ...SCOPE, metrics: ['sessions'], dimensions: by, order_by: ['-sessions'], limit: 20,
      filters: [{ dimension: 'content_type', operator: 'in', values: ['vod'] }],
    });
    const place = Math.max(0, answer.rows.findIndex(([, plan]) => plan === null));
    const [channel, plan, count] = answer.rows[place];
    const row = page.getByRole('table', { name: breakdownTitle(by) }).getByRole('row').nth(place + 1);
    await row.getByRole('link', { name: linkName(count) }).click();
    await watched.text(listTitle(count)).waitFor();
    const condition = plan === null ? `custom_metadata['plan'] is null` : `custom_metadata['plan'] = '${plan}'`;
    assert.deepEqual(await sql(`select count(*) from sessions where ${WITHIN} and channel = '${channel}' and ${condition} and content_type = 'vod'`), [[count]]);
    await page.goBack();
    await page.reload();
    await watched.settle();
    assert.equal((await watched.table(breakdownTitle(by))).rows.length, answer.rows.length);
    const saved = page.waitForEvent('download');
    await page.getByRole('region', { name: breakdownTitle(by) }).getByRole('button', { name: 'CSV' }).click();
    const lines = readFileSync(await (await saved).path(), 'utf8').trimEnd().split('\r\n');
    assert.equal(lines[0], `\ufeff${by.map(dimensionName).join(',')},${catalogue.metrics.sessions}`);
    assert.equal(lines.length, answer.row_count_total + 1);
    watched.assertNoComplaints('the sessions of a row');
  });
});

describe('a line for each value', { timeout: 2 * TEST_MS }, () => {
  test('the values with the most have lines, and with all others they add up to the whole', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/overview?${GENERATED}&metrics=sessions,rebuffer_ratio`);
    const panel = page.getByRole('region', { name: catalogue.metrics.sessions });
    await panel.getByRole('combobox', { name: overview.lines.by }).fill('app_version');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('lines') === 'app_version');
    await watched.settle();
    const query = { ...SCOPE, metrics: ['sessions'], dimensions: ['app_version'] };
    const most = await rig.server.report('/query', { ...query, order_by: ['-sessions'], limit: 7 });
    const values = most.rows.map(([value]) => value);
    const others = most.row_count_total - values.length;
    assert.ok(others > 0, 'there are more values than lines');
    const names = [...values.map(shownValue), overview.lines.others];
    assert.deepEqual(await legendOf(panel), names);
    await panel.getByText(fill(overview.lines[others === 1 ? 'together_one' : 'together_other'], { shown: String(others) })).waitFor();

    const { header, rows } = await chartTable(watched, panel);
    assert.deepEqual(header.slice(1), names);
    const byDay = await rig.server.report('/query', { ...query, granularity: 'day', limit: 100_000 });
    const whole = await rig.server.report('/query', { ...query, dimensions: [], granularity: 'day' });
    assert.equal(rows.length, whole.rows.length);
    for (const [place, [time, all]] of whole.rows.entries()) {
      const own = values.map((value) => byDay.rows.find(([at, of]) => at === time && of === value)?.[2] ?? 0);
      const rest = all - own.reduce((sum, count) => sum + count, 0);
      assert.deepEqual(rows[place].slice(1), [...own, rest].map((count) => format.unit(count, 'count')), time);
    }
    const first = await sql(`select count(*) from sessions where app_version = '${values[0]}' and started_at >= timestamptz '2025-12-31 23:00:00Z' and started_at < timestamptz '2026-01-01 23:00:00Z'`);
    assert.equal(rows[0][1], format.unit(first[0][0], 'count'));

    // Of a share the others have no sum.
    await watched.goto(`/overview?${GENERATED}&metrics=rebuffer_ratio&lines=app_version`);
    const shares = page.getByRole('region', { name: catalogue.metrics.rebuffer_ratio });
    await shares.getByText(fill(overview.lines[others === 1 ? 'notSummed_one' : 'notSummed_other'], { shown: String(others) })).waitFor();
    assert.deepEqual(await legendOf(shares), values.map(shownValue), 'the values with the most sessions');
    watched.assertNoComplaints('lines');
  });

  test('are named by what is named, compared with another period, saved, and put on a board', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/overview?range=2026-01-11..2026-01-20&compare=1&metrics=sessions&lines=content_id`);
    const panel = page.getByRole('region', { name: catalogue.metrics.sessions });
    const scope = { ...SCOPE, from: '2026-01-11' };
    const most = await rig.server.report('/query', { ...scope, metrics: ['sessions'], dimensions: ['content_id'], names: true, order_by: ['-sessions'], limit: 7 });
    const legend = await legendOf(panel);
    assert.equal(legend.length, 2 * 8);
    assert.deepEqual(legend.filter((_, place) => place % 2 === 0), [...most.rows.map(([, name]) => name), overview.lines.others]);
    const { rows } = await chartTable(watched, panel);
    const [id] = most.rows[0];
    const own = { ...scope, from: LAKE_DAYS.first, to: '2026-01-11', metrics: ['sessions'], granularity: 'day', filters: [{ dimension: 'content_id', operator: '=', value: id }] };
    const before = await rig.server.report('/query', own);
    assert.deepEqual(rows.map((row) => row[2]), before.rows.map(([, count]) => format.unit(count, 'count')));

    const picture = page.waitForEvent('download');
    await panel.getByRole('button', { name: shell.chart.showChart }).click();
    await watched.settle();
    await panel.getByRole('button', { name: 'PNG' }).click();
    assert.match((await picture).suggestedFilename(), /2026-01-11\.\.2026-01-20.*\.png$/);

    await panel.getByRole('button', { name: kept.board.addPanel }).click();
    const choice = page.getByRole('dialog', { name: kept.board.addPanelTitle });
    if (await choice.getByRole('combobox').count() > 0) await choice.getByRole('combobox').selectOption({ label: kept.board.new });
    await choice.getByLabel(kept.board.newName).fill('Lines');
    await choice.getByRole('button', { name: kept.board.add, exact: true }).click();
    await choice.waitFor({ state: 'detached' });
    const { boards } = await rig.server.report('/boards');
    const { id: board } = boards.find(({ name }) => name === 'Lines');
    assert.deepEqual((await rig.server.report(`/boards/${board}`)).panels[0].parameters, { metrics: ['sessions'], dimensions: ['content_id'] });
    await watched.goto(`/boards/${board}?range=2026-01-11..2026-01-20`);
    assert.deepEqual(await legendOf(page.getByRole('region', { name: catalogue.metrics.sessions })), [...most.rows.map(([, name]) => name), overview.lines.others]);
    watched.assertNoComplaints('lines on a board');
  });
});

describe('another period', { timeout: 2 * TEST_MS }, () => {
  test('the week before, a chosen start and the year before have the numbers of their own range, which is told', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto('/overview?range=2026-01-14..2026-01-16&metrics=sessions,content_time_spent');
    const bar = page.getByRole('group', { name: words.scope });
    await bar.getByRole('button', { name: words.compare, exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get('compare') === '1');
    await assertCompared(watched, words.comparison.previous, '2026-01-11', '2026-01-14');
    await chooseComparison(page, bar, words.comparison.previous, words.comparison.week);
    await page.waitForURL((url) => url.searchParams.get('compare') === 'week');
    await assertCompared(watched, words.comparison.week, '2026-01-07', '2026-01-10');

    await bar.getByRole('button', { name: new RegExp(`^${words.comparison.week}`) }).click();
    const picker = page.getByRole('dialog', { name: words.comparison.title });
    await picker.getByLabel(words.comparison.start).fill('2026-01-02');
    await picker.getByRole('button', { name: words.apply }).click();
    await page.waitForURL((url) => url.searchParams.get('compare') === '2026-01-02');
    await assertCompared(watched, words.comparison.own, '2026-01-02', '2026-01-05');
    await page.reload();
    await assertCompared(watched, words.comparison.own, '2026-01-02', '2026-01-05');

    await chooseComparison(page, bar, words.comparison.own, words.comparison.year);
    await page.waitForURL((url) => url.searchParams.get('compare') === 'year');
    await watched.settle();
    await bar.getByText('Jan 14, 2025 – Jan 16, 2025').waitFor();
    const tile = await watched.tile(catalogue.metrics.sessions);
    assert.ok(tile.whole.includes(fill(shell.before, { value: format.unitShort(0, 'count') })), tile.whole);
    watched.assertNoComplaints('another period');
  });

  test('noon stood against another hour behind the night in which clocks change', async (t) => {
    const server = await DashboardServer.start({ isEmpty: true });
    t.after(() => server.stop());
    // The days of the range and of the week before; on 25 October there are 25 hours in Berlin.
    for (const [day, noon] of [['24', '10'], ['25', '11'], ['26', '11'], ['17', '10'], ['18', '10'], ['19', '10']]) {
      await playAt(server, Date.parse(`2026-10-${day}T${noon}:30:00Z`));
    }
    const counted = await eventually('the sessions are there', async () => {
      const { rows } = await server.report('/sql', { query: 'select count(*) from sessions' });
      return rows[0][0] === 6 ? rows : undefined;
    });
    assert.deepEqual(counted, [[6]]);
    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    const { page } = watched;
    await watched.goto('/overview?range=2026-10-24..2026-10-26&compare=week&metrics=sessions&tz=Europe/Berlin');
    const { rows } = await chartTable(watched, page.getByRole('region', { name: catalogue.metrics.sessions }));
    assert.equal(rows.length, 24 + 25 + 24, 'an hour a row');
    const noons = rows.filter((row) => row.slice(1).some((count) => count !== '0'));
    assert.deepEqual(noons.map((row) => row.slice(1)), [['1', '1'], ['1', '1'], ['1', '1']], JSON.stringify(noons));
    watched.assertNoComplaints('a longer day');
  });
});

describe('two sides', { timeout: 2 * TEST_MS }, () => {
  test('totals, lines and a breakdown of both are those of the API and of SQL, and each number leads to its sessions', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const metrics = ['sessions', 'content_time_spent', 'rebuffer_ratio'];
    await watched.goto(`/side-by-side?${GENERATED}&metrics=${metrics.join(',')}&by=player_name&f=content_type:in:vod`);
    await addFilter(page, 'A', 'channel', 'ios');
    await page.waitForURL((url) => url.searchParams.get('a') === 'channel:in:ios');
    await addFilter(page, 'B', 'channel', 'roku');
    await page.waitForURL((url) => url.searchParams.get('b') === 'channel:in:roku');
    await watched.settle();
    const vod = { dimension: 'content_type', operator: 'in', values: ['vod'] };
    const filters = (channel) => [vod, { dimension: 'channel', operator: 'in', values: [channel] }];
    const ask = (channel, more = {}) => rig.server.report('/query', { ...SCOPE, metrics, filters: filters(channel), ...more });
    const [a, b] = [await ask('ios'), await ask('roku')];
    const totals = await watched.table(sides.totals);
    const units = a.columns.map(({ unit }) => unit);
    assert.deepEqual(totals.rows.map(([, one, other, , change]) => [one, other, change]), metrics.map((name, place) => [
      format.unit(a.totals[name], units[place], name), format.unit(b.totals[name], units[place], name),
      format.change(changeOf(b.totals[name], a.totals[name])),
    ]));
    const counted = await sql(`select count(*) from sessions where ${WITHIN} and content_type = 'vod' and channel = 'roku'`);
    assert.deepEqual(counted, [[b.totals.sessions]]);

    const chart = page.getByRole('region', { name: fill(sides.overTime, { metric: catalogue.metrics.sessions }) });
    const { rows } = await chartTable(watched, chart);
    const series = await Promise.all(['ios', 'roku'].map((channel) => ask(channel, { metrics: ['sessions'], granularity: 'day' })));
    assert.deepEqual(rows.map((row) => row.slice(1)), series[0].rows.map(([, count], place) =>
      [count, series[1].rows[place][1]].map((number) => format.unit(number, 'count'))));

    const title = fill(sides.byDimension, { metric: catalogue.metrics.sessions, dimension: catalogue.dimensions.player_name });
    const table = await watched.table(title);
    const parts = await Promise.all(['ios', 'roku'].map((channel) => ask(channel, { metrics: ['sessions'], dimensions: ['player_name'] })));
    const of = (part, value) => part.rows.find(([name]) => name === value)?.[1] ?? 0;
    const values = [...new Set(parts.flatMap((part) => part.rows.map(([value]) => value)))];
    const wanted = values.map((value) => [shownValue(value), ...parts.map((part) => format.unit(of(part, value), 'count'))].join(' '));
    assert.deepEqual(table.rows.map((row) => row.slice(0, 3).join(' ')).sort(), wanted.sort().slice(0, 20));
    assert.deepEqual(table.footer.slice(1, 3), [a, b].map((part) => format.unit(part.totals.sessions, 'count')));

    await page.getByRole('table', { name: sides.totals }).getByRole('link', { name: linkName(b.totals.sessions) }).click();
    await watched.text(listTitle(b.totals.sessions)).waitFor();
    await page.goBack();
    await watched.settle();
    const [value] = values;
    const row = page.getByRole('table', { name: title }).getByRole('row').filter({ hasText: shownValue(value) }).first();
    await row.getByRole('link', { name: linkName(of(parts[0], value)) }).first().click();
    await watched.text(listTitle(of(parts[0], value))).waitFor();
    await page.goBack();
    await watched.settle();
    const saved = page.waitForEvent('download');
    await page.getByRole('region', { name: title }).getByRole('button', { name: 'CSV' }).click();
    const lines = readFileSync(await (await saved).path(), 'utf8').trimEnd().split('\r\n');
    assert.match(lines[0], /,A · .* ios,B · .* roku,/, 'the file says what A and B are');
    assert.equal(lines.length, values.length + 1);
    await page.getByRole('button', { name: sides.swap }).click();
    await page.waitForURL((url) => url.searchParams.get('a') === 'channel:in:roku' && url.searchParams.get('b') === 'channel:in:ios');
    await watched.settle();
    assert.equal((await watched.table(sides.totals)).rows[0][1], format.unit(b.totals.sessions, 'count'));
    watched.assertNoComplaints('two sides');
  });

  test('a value that only one side has is 0 on the other, and a share there is not known', async (t) => {
    const watched = await openPage(t);
    await watched.goto(`/side-by-side?${GENERATED}&metrics=sessions&by=channel&a=channel:in:ios&b=channel:in:roku`);
    const title = (metric) => fill(sides.byDimension, { metric: catalogue.metrics[metric], dimension: catalogue.dimensions.channel });
    const { rows } = await watched.table(title('sessions'));
    assert.deepEqual(rows.map(([name, a, b]) => [name, a === '0', b === '0']).sort(), [['ios', false, true], ['roku', true, false]]);
    await watched.goto(`/side-by-side?${GENERATED}&metrics=rebuffer_ratio&by=channel&a=channel:in:ios&b=channel:in:roku`);
    const shares = await watched.table(title('rebuffer_ratio'));
    assert.deepEqual(shares.rows.map(([name, a, b]) => [name, a === '–', b === '–']).sort(), [['ios', false, true], ['roku', true, false]]);
    watched.assertNoComplaints('one side alone');
  });
});

async function assertCompared(watched, kind, from, to) {
  const { page } = watched;
  await watched.settle();
  const day = (date, days = 0) => format.date(new Date(Date.parse(`${date}T12:00Z`) + days * DAY_MS));
  const name = `${kind} · ${day(from)} – ${day(to, -1)}`;
  await page.getByRole('group', { name: words.scope }).getByRole('button', { name, exact: true }).waitFor();
  const metrics = ['sessions', 'content_time_spent'];
  const now = await rig.server.report('/query', { ...SCOPE, from: '2026-01-14', to: '2026-01-17', metrics, granularity: 'hour' });
  const former = await rig.server.report('/query', { ...SCOPE, from, to, metrics, granularity: 'hour' });
  for (const { name: metric, unit } of now.columns.filter(({ kind: of }) => of === 'metric')) {
    const { whole } = await watched.tile(catalogue.metrics[metric]);
    assert.ok(whole.includes(format.change(changeOf(now.totals[metric], former.totals[metric]))), `${kind} ${metric}: ${whole}`);
    assert.ok(whole.includes(format.unitShort(former.totals[metric], unit, metric)), `${kind} ${metric}: ${whole}`);
  }
  const panel = page.getByRole('region', { name: catalogue.metrics.sessions });
  assert.deepEqual(await legendOf(panel), [catalogue.metrics.sessions, name]);
  const { rows } = await chartTable(watched, panel);
  assert.deepEqual(rows.map((row) => row.slice(1)), now.rows.map(([, count], place) =>
    [count, former.rows[place][1]].map((number) => format.unit(number, 'count'))));
  await panel.getByRole('button', { name: shell.chart.showChart }).click();
  await watched.settle();
  const by = { metrics: ['sessions'], dimensions: ['channel'], order_by: ['-sessions'], limit: 20 };
  const values = await rig.server.report('/query', { ...SCOPE, from: '2026-01-14', to: '2026-01-17', ...by });
  const formerValues = await rig.server.report('/query', { ...SCOPE, from, to, ...by, limit: 1_000 });
  const table = await watched.table(breakdownTitle(['channel']));
  assert.deepEqual(table.header.slice(1, 4), [catalogue.metrics.sessions, kind, overview.breakdown.change]);
  const formerOf = (value) => formerValues.rows.find(([name]) => name === value)?.[1] ?? 0;
  assert.deepEqual(table.rows.map((row) => row.slice(0, 4)), values.rows.map(([value, count]) => {
    const change = changeOf(count, formerOf(value));
    return [shownValue(value), format.unit(count, 'count'), format.unit(formerOf(value), 'count'), change === null ? '–' : format.change(change)];
  }));
  assert.equal(table.footer[2], format.unit(former.totals.sessions, 'count'));
}

/** A session that starts at a moment and ends at once. */
async function playAt(server, ts) {
  const post = (url, body) => fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const params = {
    'analytics.trackingServer': 'metrics.example.com', 'analytics.reportSuite': 'dashboard-test',
    'visitor.marketingCloudOrgId': '0123456789ABCDEF@AdobeOrg', 'analytics.visitorId': String(ts),
    'media.id': 'clocks', 'media.length': 600, 'media.contentType': 'VOD', 'media.playerName': 'a player', 'media.channel': 'web',
  };
  const started = await post(server.collection, { playerTime: { playhead: 0, ts }, eventType: 'sessionStart', params });
  assert.equal(started.status, 201);
  const events = `${server.collection}/${started.headers.get('Location').split('/').at(-1)}/events`;
  assert.equal((await post(events, { playerTime: { playhead: 0, ts: ts + 1 }, eventType: 'sessionEnd' })).status, 204);
}

/** With the keyboard alone. */
async function chooseComparison(page, bar, from, to) {
  await bar.getByRole('button', { name: new RegExp(`^${from}`) }).focus();
  await page.keyboard.press('Enter');
  const choice = page.getByRole('dialog', { name: words.comparison.title }).getByRole('button', { name: to, exact: true });
  for (let presses = 0; presses < 8 && !(await choice.evaluate((button) => button === document.activeElement)); presses += 1) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
}

async function chooseDimension(page, place, name) {
  await page.getByRole('combobox', { name: fill(overview.breakdown.then, { place }) }).fill(name);
  await page.keyboard.press('Enter');
}

async function addFilter(page, side, dimension, value) {
  await page.getByRole('region', { name: side, exact: true }).getByRole('button', { name: words.add, exact: true }).click();
  const editor = page.getByRole('dialog', { name: words.addTitle });
  await editor.getByRole('combobox', { name: words.dimension }).fill(dimension);
  await page.keyboard.press('Enter');
  await editor.getByRole('combobox', { name: words.values }).fill(value);
  await page.keyboard.press('Enter');
  await editor.getByRole('button', { name: words.apply }).click();
}

/** The names of the lines of a panel, in order. */
async function legendOf(panel) {
  await panel.getByRole('listitem').first().waitFor();
  return panel.getByRole('listitem').evaluateAll((items) => items.map((item) => item.innerText.trim()));
}

/** The table of the chart of a panel. */
async function chartTable(watched, panel) {
  await panel.getByRole('button', { name: shell.chart.showTable }).click();
  const table = panel.getByRole('table');
  await table.waitFor();
  return table.evaluate((element) => {
    const cells = (row) => [...row.cells].map((cell) => cell.innerText.trim());
    return { header: cells(element.tHead.rows[0]), rows: [...element.tBodies[0].rows].map(cells) };
  });
}
