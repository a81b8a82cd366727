// What people keep: a view leads back to the same numbers, a board to its panels, an annotation stands on every series.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { GENERATED } from './addresses.mjs';
import { DashboardServer } from './dashboard_server.mjs';
import { format, texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { catalogue, kept, sides } = texts.en;
const dialog = (page, name) => page.getByRole('dialog', { name });

describe('what people keep', { timeout: 2 * TEST_MS }, () => {
  test('a view that was saved shows the same numbers after a reload, also to a reader in another time zone', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/overview?${GENERATED}&f=channel:is:ios&metrics=sessions,content_time_spent&by=app_version`);
    const [sessions, spent] = [await watched.tile(catalogue.metrics.sessions), await watched.tile(catalogue.metrics.content_time_spent)];
    await page.getByRole('button', { name: kept.view.save }).click();
    const form = dialog(page, kept.view.saveTitle);
    await form.getByLabel(kept.name).fill('iOS, January');
    await form.getByLabel(kept.shared).check();
    await form.getByRole('button', { name: kept.save }).click();
    await form.waitFor({ state: 'detached' });

    await watched.goto('/connect');
    await page.reload();
    await watched.settle();
    await page.locator('aside nav').getByRole('link', { name: 'iOS, January' }).click();
    await page.waitForURL((url) => url.pathname === '/overview' && url.searchParams.get('tz') === 'Europe/Berlin');
    await watched.settle();
    assert.deepEqual(await watched.tile(catalogue.metrics.sessions), sessions);
    assert.deepEqual(await watched.tile(catalogue.metrics.content_time_spent), spent);

    await watched.goto('/boards');
    const row = page.getByRole('row').filter({ hasText: 'iOS, January' });
    await row.getByRole('button', { name: kept.change }).click();
    await dialog(page, kept.change).getByLabel(kept.name).fill('iOS in January');
    await dialog(page, kept.change).getByRole('button', { name: kept.save }).click();
    await page.getByRole('table', { name: kept.view.many }).getByRole('link', { name: 'iOS in January' }).waitFor();
    watched.assertNoComplaints('a saved view');

    const elsewhere = await openPage(t, { role: 'read', timezoneId: 'Asia/Taipei' });
    await elsewhere.goto('/boards');
    await elsewhere.page.getByRole('table', { name: kept.view.many }).getByRole('link', { name: 'iOS in January' }).click();
    await elsewhere.page.waitForURL((url) => url.pathname === '/overview');
    await elsewhere.settle();
    assert.equal((await elsewhere.tile(catalogue.metrics.content_time_spent)).exact, spent.exact);
    elsewhere.assertNoComplaints('a saved view, elsewhere');
  });

  test('a board is made, filled, put in order, renamed and removed, and survives a kill', async (t) => {
    const server = await DashboardServer.start();
    t.after(() => server.stop());
    const cookie = await server.logIn('admin');
    const watched = await openPage(t, { server, cookie });
    const { page } = watched;
    await watched.goto(`/boards?${GENERATED}`);
    await watched.text(kept.board.none).waitFor();
    await page.getByRole('button', { name: kept.board.new }).click();
    const form = dialog(page, kept.board.new);
    await form.getByLabel(kept.name).fill('Daily');
    await form.getByRole('button', { name: kept.board.create }).click();
    await page.waitForURL(/\/boards\/[0-9a-f]{16}/);
    const id = new URL(page.url()).pathname.split('/').at(-1);
    const titles = async () => (await server.report(`/boards/${id}`)).panels.map(({ title }) => title);

    await addPanel(page, { kind: kept.panel.kinds.breakdown, title: 'Starts by channel' });
    await addPanel(page, { kind: kept.panel.kinds.concurrency });
    assert.deepEqual(await titles(), ['Starts by channel', kept.panel.kinds.concurrency]);

    // From another page, with its filters.
    await watched.goto(`/overview?${GENERATED}&f=channel:is:ios&metrics=sessions`);
    const series = page.getByRole('region', { name: catalogue.metrics.sessions });
    await series.getByRole('button', { name: kept.board.addPanel }).click();
    const choice = dialog(page, kept.board.addPanelTitle);
    await choice.getByRole('button', { name: kept.board.add, exact: true }).click();
    await choice.waitFor({ state: 'detached' });
    const [, , last] = (await server.report(`/boards/${id}`)).panels;
    assert.deepEqual(last, { title: catalogue.metrics.sessions, kind: 'series', parameters: {
      metrics: ['sessions'], filters: [{ dimension: 'channel', operator: '=', value: 'ios' }],
    } });

    await watched.goto(`/boards/${id}?${GENERATED}`);
    await page.getByRole('button', { name: kept.board.edit }).click();
    await page.getByRole('button', { name: kept.board.moveUp.replace('{{title}}', catalogue.metrics.sessions) }).click();
    await page.waitForFunction((wanted) => [...document.querySelectorAll('main h2')].map((title) => title.innerText).join() === wanted,
      ['Starts by channel', catalogue.metrics.sessions, kept.panel.kinds.concurrency].join());
    await page.getByRole('button', { name: kept.board.removePanel.replace('{{title}}', kept.panel.kinds.concurrency) }).click();
    await page.getByRole('heading', { name: kept.panel.kinds.concurrency }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: kept.change, exact: true }).click();
    await dialog(page, kept.change).getByLabel(kept.name).fill('Every day');
    await dialog(page, kept.change).getByRole('button', { name: kept.save }).click();
    await page.getByRole('heading', { level: 1, name: 'Every day' }).waitFor();
    watched.assertNoComplaints('a board');

    await server.kill();
    await server.startAgain();
    await watched.goto(`/boards/${id}?${GENERATED}`);
    watched.complaints.length = 0;
    assert.deepEqual(await titles(), ['Starts by channel', catalogue.metrics.sessions]);
    const SCOPE = { from: '2026-01-01', to: '2026-01-21', time_zone: 'Europe/Berlin' };
    const answer = await server.report('/query', { ...SCOPE, metrics: ['media_starts'], dimensions: ['channel'], order_by: ['-media_starts'], limit: 20 });
    const table = await watched.table('Starts by channel');
    assert.deepEqual(table.rows.map(([, starts]) => starts), answer.rows.map(([, starts]) => format.unit(starts, 'count')));

    // The other token does not see it, for it is private.
    const reader = await openPage(t, { server, cookie: await server.logIn('read') });
    await reader.goto('/boards');
    await reader.text(kept.board.none).waitFor();

    await page.getByRole('button', { name: kept.change, exact: true }).click();
    await dialog(page, kept.change).getByRole('button', { name: kept.remove, exact: true }).click();
    await dialog(page, kept.change).getByRole('button', { name: kept.removeNow }).click();
    await page.waitForURL(/\/boards(\?|$)/);
    await watched.text(kept.board.none).waitFor();
  });

  test('two sets side by side could be seen on their page and on no board', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/side-by-side?${GENERATED}&f=player_name:exists:true&a=channel:in:ios&b=channel:in:roku,web&metrics=sessions&by=channel`);
    const labels = { metric: catalogue.metrics.sessions, dimension: catalogue.dimensions.channel };
    const filled = (text) => Object.entries(labels).reduce((made, [name, label]) => made.replace(`{{${name}}}`, label), text);
    const choice = dialog(page, kept.board.addPanelTitle);
    for (const [place, title] of [sides.overTime, sides.byDimension].entries()) {
      await page.getByRole('region', { name: filled(title) }).getByRole('button', { name: kept.board.addPanel }).click();
      const board = choice.locator('select');
      if (place === 0) await board.selectOption({ label: kept.board.new });
      else await board.selectOption({ label: 'Two sets' });
      if (place === 0) await choice.getByLabel(kept.board.newName).fill('Two sets');
      await choice.getByRole('button', { name: kept.board.add, exact: true }).click();
      await choice.waitFor({ state: 'detached' });
    }
    const { id } = (await rig.server.report('/boards')).boards.find(({ name }) => name === 'Two sets');
    const { panels } = await rig.server.report(`/boards/${id}`);
    const only = (values) => [{ dimension: 'channel', operator: 'in', values }];
    assert.deepEqual(panels.map(({ kind, parameters: { a, b, dimensions } }) => [kind, a.filters, b.filters, dimensions]), [
      ['side_by_side', only(['ios']), only(['roku', 'web']), undefined],
      ['side_by_side', only(['ios']), only(['roku', 'web']), ['channel']],
    ]);

    await watched.goto(`/boards/${id}?${GENERATED}`);
    const SCOPE = { from: '2026-01-01', to: '2026-01-21', time_zone: 'Europe/Berlin', metrics: ['sessions'], dimensions: ['channel'] };
    const of = async (values) => {
      const filters = [...panels[1].parameters.filters, ...only(values)];
      return new Map((await rig.server.report('/query', { ...SCOPE, filters })).rows);
    };
    const [a, b] = [await of(['ios']), await of(['roku', 'web'])];
    const table = await watched.table(labels.metric);
    const written = (side, value) => format.unit(side.get(value) ?? 0, 'count');
    assert.deepEqual(table.rows.map((row) => row.slice(0, 3)).sort(), ['ios', 'roku', 'web'].map((value) => [value, written(a, value), written(b, value)]).sort());
    for (const side of ['a', 'b']) await page.getByText(panels[0].parameters[side].name, { exact: true }).first().waitFor();
    assert.deepEqual(await watched.accessibilityFaults(), []);
    watched.assertNoComplaints('two sets on a board');
    await change('DELETE', `/boards/${id}`);
  });

  test('of two who change a board, the second is told and sees what the first has made of it', async (t) => {
    const made = await rig.server.report('/boards', { name: 'Two hands', panels: [{ title: 'One', kind: 'quality' }] });
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/boards/${made.id}?${GENERATED}`);
    await page.getByRole('button', { name: kept.board.edit }).click();
    await change('PUT', `/boards/${made.id}`, { name: 'Other hands', version: 1, panels: [{ title: 'Two', kind: 'quality' }] });
    await page.getByRole('button', { name: kept.board.removePanel.replace('{{title}}', 'One') }).click();
    await watched.text(kept.changedMeanwhile).waitFor();
    await page.getByRole('heading', { level: 1, name: 'Other hands' }).waitFor();
    assert.equal((await rig.server.report(`/boards/${made.id}`)).panels[0].title, 'Two');
    watched.assertNoComplaints('two hands', [/^(answer|console).*409/]);
    await change('DELETE', `/boards/${made.id}`);
  });

  test('an annotation by the API stands on the series and in its list, and is changed there by those who may', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const address = `/overview?range=2026-01-05..2026-01-09&metrics=sessions`;
    await watched.goto(address);
    const canvas = page.getByRole('img', { name: catalogue.metrics.sessions }).locator('canvas').first();
    const before = await canvas.screenshot();
    await page.getByRole('button', { name: kept.annotation.add }).waitFor();
    const { id } = await rig.server.report('/annotations', { at: '2026-01-07T11:00:00Z', kind: 'release', text: 'Player 4.2' });
    await watched.goto(address);
    assert.ok(!(await canvas.screenshot()).equals(before), 'the mark is drawn');
    // The axis ends where the last day begins.
    await rig.server.report('/annotations', { at: '2026-01-09T15:00:00Z', text: 'Of the last day' });
    await watched.goto(address);
    await page.getByRole('button', { name: kept.annotation.shown_other.replace('{{count}}', '2') }).focus();
    await page.keyboard.press('Enter');
    const list = page.getByRole('list', { name: kept.annotation.title });
    const item = await list.getByRole('listitem').first().innerText();
    await list.getByText('Of the last day').waitFor();
    assert.ok(item.includes('Player 4.2') && item.includes(kept.annotation.kinds.release), item);
    assert.ok(item.includes(format.dateTime('2026-01-07T11:00:00Z')), item);
    assert.deepEqual(await watched.accessibilityFaults(), []);

    await list.getByRole('button', { name: kept.change }).first().click();
    const text = dialog(page, kept.annotation.title).getByLabel(kept.annotation.text);
    await text.fill('Player 4.2.1');
    await page.keyboard.press('Enter');
    await list.getByText('Player 4.2.1').waitFor();
    const [changed] = (await rig.server.report('/annotations?from=2026-01-07&to=2026-01-08')).annotations;
    assert.deepEqual([changed.text, changed.at, changed.version], ['Player 4.2.1', '2026-01-07T11:00:00.000Z', 2]);

    await dialog(page, kept.annotation.title).getByLabel(kept.annotation.text).fill('CDN');
    await dialog(page, kept.annotation.title).getByRole('button', { name: kept.annotation.add }).click();
    await list.getByText('CDN').or(watched.text(kept.annotation.saved)).first().waitFor();
    watched.assertNoComplaints('annotations');

    const reader = await openPage(t, { role: 'read' });
    await reader.goto(address);
    await reader.page.getByRole('button', { name: /\d annotations?$/ }).click();
    const seen = reader.page.getByRole('list', { name: kept.annotation.title });
    await seen.getByText('Player 4.2.1').waitFor();
    assert.equal(await reader.page.getByRole('dialog').getByRole('button').count(), 1, 'nothing but the way out');
    for (const { id: one, text: what } of (await rig.server.report('/annotations')).annotations) {
      if (one === id || ['CDN', 'Of the last day'].includes(what)) await change('DELETE', `/annotations/${one}`);
    }
  });
});

async function addPanel(page, { kind, title }) {
  await page.getByRole('button', { name: kept.board.newPanel }).click();
  const form = dialog(page, kept.board.newPanel);
  await form.getByLabel(kept.panel.kind).selectOption({ label: kind });
  if (title) await form.getByLabel(kept.panel.title).fill(title);
  await form.getByRole('button', { name: kept.board.add, exact: true }).click();
  await form.waitFor({ state: 'hidden' });
}

async function change(method, path, body) {
  const answer = await fetch(`${rig.server.base}/reports/v1${path}`, {
    method,
    headers: { Authorization: 'Bearer dashboard-test-admin-token', 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
}
