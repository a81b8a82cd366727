// Quality by whatever sessions differ in, and the sessions that had the worst of it: page, API and SQL agree.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { format, texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { catalogue, overview, quality, sessions, shell } = texts.en;
const RANGE = { from: '2026-01-01', to: '2026-01-15', time_zone: 'UTC' };
const ADDRESS = 'range=2026-01-01..2026-01-14&tz=UTC';
const METRICS = ['sessions', 'qoe_score', 'time_to_start_ms_p50', 'time_to_start_ms_p95', 'rebuffer_ratio',
  'error_impacted_streams', 'error_rate', 'start_failures', 'start_failure_rate', 'exits_before_start', 'exit_before_start_rate'];

const listTitle = (count) =>
  sessions.list[count === 1 ? 'total_one' : 'total_other'].replace('{{shown}}', format.number(count, 0));
const linkName = (count) => shell[count === 1 ? 'viewSessions_one' : 'viewSessions_other'].replace('{{shown}}', format.number(count, 0));
const query = (params) => new URLSearchParams({ ...RANGE, ...params });

describe('quality', { timeout: 3 * TEST_MS }, () => {
  test('only errors, and only by four dimensions, were told: all of it by any, keys of metadata too', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const { keys: [{ key }] } = await rig.server.report(`/metadata-keys?${query({ limit: 50 })}`);
    await watched.goto(`/quality?${ADDRESS}`);
    const panel = page.getByRole('region', { name: new RegExp(`^${quality.breakdown.title.split('{{')[0]}`) });
    await panel.getByRole('combobox', { name: overview.breakdown.by }).fill(key);
    await panel.getByRole('option').filter({ hasText: key }).first().click();
    await page.waitForURL((url) => url.searchParams.get('by') === `custom.${key}`);
    await watched.settle();

    const answer = await rig.server.report('/query', {
      ...RANGE, metrics: METRICS, dimensions: [`custom.${key}`], order_by: ['-sessions'], limit: 10,
    });
    const units = METRICS.map((name) => answer.columns.find((column) => column.name === name).unit);
    const written = (values) => values.map((value, place) => format.unit(value, units[place], METRICS[place]));
    const caption = await panel.getByRole('table').locator('caption').innerText();
    const { header, rows, footer } = await watched.table(caption);
    assert.deepEqual(header.slice(1), METRICS.map((name) => catalogue.metrics[name]));
    assert.deepEqual(rows, answer.rows.map(([value, ...numbers]) => [value ?? quality.errors.withoutValue, ...written(numbers)]));
    assert.deepEqual(footer.slice(1), written(METRICS.map((name) => answer.totals[name])));

    const [value, count] = answer.rows.find(([text]) => text !== null);
    const range = `started_at >= timestamptz '${RANGE.from} 00:00:00Z' and started_at < timestamptz '${RANGE.to} 00:00:00Z'`;
    const inSql = await rig.server.report('/sql', {
      query: `select count(*), round(avg(qoe_score), 3) from sessions where ${range} and custom_metadata['${key}'] = '${value}'`,
    });
    assert.equal(inSql.rows[0][0], count);
    const score = answer.rows.find(([text]) => text === value)[2];
    assert.ok(Math.abs(inSql.rows[0][1] - score) < 0.01, `${inSql.rows[0][1]} in SQL, ${score}`);
    await panel.getByRole('row').filter({ has: page.getByText(value, { exact: true }) })
      .getByRole('link', { name: linkName(count) }).click();
    await watched.text(listTitle(count)).first().waitFor();
    watched.assertNoComplaints('quality by metadata');
  });

  test('contents stood there by id, and a column puts the worst first', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/quality?${ADDRESS}&by=content_id`);
    const caption = quality.breakdown.title.replace('{{dimension}}', catalogue.dimensions.content_id);
    await page.getByRole('table', { name: caption }).getByRole('button', { name: catalogue.metrics.rebuffer_ratio, exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get('order') === '-rebuffer_ratio');
    await watched.settle();
    const answer = await rig.server.report('/query', {
      ...RANGE, metrics: METRICS, dimensions: ['content_id'], names: true, order_by: ['-rebuffer_ratio'], limit: 10,
    });
    const { rows } = await watched.table(caption);
    assert.equal(rows.length, answer.rows.length);
    for (const [place, [id, name]] of answer.rows.entries()) {
      assert.ok(rows[place][0].includes(name ?? id ?? quality.errors.withoutValue), `${rows[place][0]}: ${name} ${id}`);
    }
    watched.assertNoComplaints('quality by content');
  });

  test('the worst sessions left out filters that their own translation did not know', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const filters = [{ dimension: 'timeline', operator: 'in', values: ['content'] }];
    for (const [order, condition] of [
      ['qoe_score', { dimension: 'qoe_score', operator: '<', value: 100 }],
      ['-total_buffer_duration', { dimension: 'total_buffer_duration', operator: '>', value: 0 }],
    ]) {
      await watched.goto(`/quality?${ADDRESS}&f=timeline:in:content${order === 'qoe_score' ? '' : `&worst=${order}`}`);
      const list = await rig.server.report(`/sessions?${query({
        filters: JSON.stringify([...filters, condition]), order_by: order, limit: 25,
      })}`);
      assert.equal(list.sessions.length, 25);
      const panel = page.getByRole('region', { name: quality.worst.title });
      const hrefs = await panel.locator('tbody a[href^="/sessions/"]').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
      assert.deepEqual(hrefs.map((href) => href.split('/')[2].split('?')[0]), list.sessions.map((row) => row.session_id), order);
      await panel.getByRole('link', { name: linkName(list.total) }).click();
      await watched.text(listTitle(list.total)).first().waitFor();
    }
    watched.assertNoComplaints('the worst sessions');
  });
});
