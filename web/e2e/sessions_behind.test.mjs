// From a number to the sessions behind it: page, API and SQL agree on how many there are.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { GENERATED_CONTENT } from './addresses.mjs';
import { format, texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { quality, sessions, shell } = texts.en;
const RANGE = { from: '2026-01-01', to: '2026-01-15' };
const ADDRESS = 'range=2026-01-01..2026-01-14&tz=UTC';

async function counted(where) {
  const range = `started_at >= timestamptz '2026-01-01 00:00:00Z' and started_at < timestamptz '2026-01-15 00:00:00Z'`;
  const { rows } = await rig.server.report('/sql', { query: `select count(*) from sessions where ${range} and ${where}` });
  return rows[0][0];
}

const listTitle = (count) =>
  sessions.list[count === 1 ? 'total_one' : 'total_other'].replace('{{shown}}', format.number(count, 0));
const linkName = (count) => shell[count === 1 ? 'viewSessions_one' : 'viewSessions_other'].replace('{{shown}}', format.number(count, 0));

describe('the sessions behind a number', { timeout: 3 * TEST_MS }, () => {
  test('two clicks lead from errors to their sessions, as many as the row, the API and SQL say', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const answer = await rig.server.report(`/quality?from=${RANGE.from}&to=${RANGE.to}&time_zone=UTC&limit=50`);
    const [error] = answer.errors_by_id;
    assert.ok(error.sessions > 1, JSON.stringify(error));
    await watched.goto(`/quality?${ADDRESS}`);
    const row = page.getByRole('row').filter({ hasText: error.error_id }).filter({ hasText: format.number(error.sessions, 0) });
    await row.getByRole('link', { name: linkName(error.sessions) }).first().click();
    await watched.text(listTitle(error.sessions)).first().waitFor();
    const id = error.error_id.replaceAll("'", "''");
    const inSql = `session_id in (select session_id from errors where error_id = '${id}' and source = '${error.source}')`;
    assert.equal(await counted(inSql), error.sessions);
    watched.assertNoComplaints('the sessions behind an error');
  });

  test('a list had other sessions than the number said, where the page had filters of its own', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const filters = encodeURIComponent(JSON.stringify([{ dimension: 'error_events', operator: '>', value: 1 }]));
    const answer = await rig.server.report(`/quality?from=${RANGE.from}&to=${RANGE.to}&time_zone=UTC&limit=50&filters=${filters}`);
    const [error] = answer.errors_by_id;
    // Of the second filter ads have rows, and this page does not apply it.
    await watched.goto(`/quality?${ADDRESS}&f=error_events:gt:1&f=advertiser:is:nobody`);
    const row = page.getByRole('row').filter({ hasText: error.error_id }).filter({ hasText: format.number(error.sessions, 0) });
    await row.getByRole('link', { name: linkName(error.sessions) }).first().click();
    await watched.text(listTitle(error.sessions)).first().waitFor();
    await page.goBack();
    const tile = page.getByRole('group', { name: quality.tiles.label });
    const { totals } = await rig.server.report('/query', {
      ...RANGE, time_zone: 'UTC', metrics: ['start_failures'], filters: [{ dimension: 'error_events', operator: '>', value: 1 }],
    });
    await tile.getByRole('link', { name: linkName(totals.start_failures) }).first().click();
    await watched.text(listTitle(totals.start_failures)).first().waitFor();
    watched.assertNoComplaints('the sessions behind a number of a filtered page');
  });

  test('a tile on the page of one content led to the sessions of all contents', async (t) => {
    const watched = await openPage(t);
    await watched.goto(`/content/${GENERATED_CONTENT}?${ADDRESS}`);
    const content = { dimension: 'content_id', operator: '=', value: GENERATED_CONTENT };
    const { totals } = await rig.server.report('/query', {
      ...RANGE, time_zone: 'UTC', metrics: ['content_starts'], filters: [content],
    });
    await watched.page.getByRole('link', { name: linkName(totals.content_starts) }).first().click();
    await watched.text(listTitle(totals.content_starts)).first().waitFor();
    watched.assertNoComplaints('the sessions behind a number of one content');
  });

  test('a spike in the chart of failures leads to the sessions of its day', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const answer = await rig.server.report(`/quality?from=${RANGE.from}&to=${RANGE.to}&time_zone=UTC&granularity=day`);
    const spike = answer.series.reduce((most, point) => (point.error_sessions > most.error_sessions ? point : most));
    await watched.goto(`/quality?${ADDRESS}`);
    const panel = page.getByRole('region', { name: quality.failures.title });
    await panel.getByRole('button', { name: shell.chart.showTable }).click();
    const day = spike.from.slice(0, 10);
    await panel.locator(`a[href*="range=${day}..${day}"]`).first().click();
    await watched.text(listTitle(spike.error_sessions)).first().waitFor();
    assert.ok(new URL(page.url()).searchParams.getAll('f').includes('error_events:gt:0'), page.url());
    watched.assertNoComplaints('the sessions of a spike');
  });

  test('what got worse is what the API says, and leads on', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/quality?range=2026-01-10..2026-01-11&tz=UTC&worse=stall_impacted_streams`);
    const answer = await rig.server.report('/quality/worsened?from=2026-01-10&to=2026-01-12&time_zone=UTC&metric=stall_impacted_streams&limit=20');
    assert.ok(answer.values.length > 0);
    const [first] = answer.values;
    const panel = page.getByRole('region', { name: quality.worsened.title });
    await panel.getByRole('link', { name: linkName(first.now.affected) }).first().click();
    await watched.text(listTitle(first.now.affected)).first().waitFor();
    watched.assertNoComplaints('what got worse');
  });

  test('the list is in the order of any metric, as the API gives it', async (t) => {
    const watched = await openPage(t);
    await watched.goto(`/sessions?${ADDRESS}&order=-rebuffer_ratio&f=rebuffer_ratio:gt:0.01`);
    const filters = encodeURIComponent(JSON.stringify([{ dimension: 'rebuffer_ratio', operator: '>', value: 0.01 }]));
    const list = await rig.server.report(`/sessions?from=${RANGE.from}&to=${RANGE.to}&time_zone=UTC&filters=${filters}&order_by=-rebuffer_ratio`);
    await watched.text(listTitle(list.total)).first().waitFor();
    const hrefs = await watched.page.locator('tbody a[href^="/sessions/"]').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    const ids = hrefs.map((href) => href.split('/')[2].split('?')[0]);
    assert.deepEqual(ids.slice(0, 20), list.sessions.slice(0, 20).map((row) => row.session_id));
    watched.assertNoComplaints('the list in order of a metric');
  });
});
