import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { eventually } from '../../browser/bounded.mjs';
import { GENERATED } from './addresses.mjs';
import { binary, DashboardServer, environment } from './dashboard_server.mjs';
import { format, texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { sessions, catalogue } = texts.en;
const labelOf = (metric) => catalogue.columns[metric] ?? catalogue.dimensions[metric] ?? catalogue.metrics[metric];
const TIMELINE = '1-view-to-end';
/** What is spent in the timeline, as its expectation says. */
const expected = JSON.parse(readFileSync(new URL(`../../testdata/timelines/${TIMELINE}.expected.json`, import.meta.url), 'utf8'));

describe('one session', { timeout: TEST_MS }, () => {
  test('its lanes show what happened, and its list every event', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/sessions/${rig.population.timelines[TIMELINE]}`);
    const lanes = page.getByRole('application');
    await lanes.waitFor();
    for (const name of ['playback', 'breaks', 'ads', 'playhead', 'events']) {
      await watched.text(sessions.lanes.names[name]).waitFor();
    }
    // Two breaks with three ads, and bars for playing, pausing and buffering.
    for (const name of ['Ad 1', 'ad_pod1']) await lanes.locator('svg text', { hasText: name }).first().waitFor();
    assert.ok(await lanes.locator('svg rect').count() > 10);

    const { events } = await rig.server.report(`/sessions/${rig.population.timelines[TIMELINE]}/events?limit=1000`);
    await page.getByText(sessions.events.count_other.replace('{{shown}}', String(events.length))).first().waitFor();
    // The lanes are moved through by keys; what is selected is shown as it was sent.
    await lanes.focus();
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('ArrowRight');
    await page.waitForURL((url) => url.searchParams.get('event') === String(events[2].sequence));
    await page.getByText('media.ad.creativeURL').first().waitFor();
    watched.assertNoComplaints('lanes');
  });

  test('every metric that is time shows intervals that add up to it', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const id = rig.population.timelines[TIMELINE];
    await watched.goto(`/sessions/${id}?tab=metrics`);
    const { metrics } = await rig.server.report(`/sessions/${id}/explain`);
    let timed = 0;
    for (const [name, { value, intervals }] of Object.entries(metrics)) {
      if (!intervals?.length) continue;
      timed += 1;
      await page.getByRole('button', { name: new RegExp(`^${labelOf(name)}\\b`) }).first().click();
      await page.waitForURL((url) => url.searchParams.get('metric') === name);
      const explanation = page.getByRole('region', { name: labelOf(name), exact: true });
      await explanation.waitFor();
      const { header, rows, footer } = await watched.table(sessions.metrics.intervals);
      const place = header.indexOf(sessions.metrics.seconds);
      const sum = rows.reduce((total, row) => total + Math.round(seconds(row[place]) * 1_000), 0);
      assert.equal(rows.length, intervals.length, name);
      assert.equal(sum, Math.round(value * 1_000), name);
      assert.equal(seconds(footer[place]), value, name);
      assert.ok(footer.includes(sessions.metrics.sumIsValue), name);
    }
    assert.ok(timed >= 4, `${timed} metrics are time`);
    // The values themselves are those of the contract.
    for (const name of ['content_time_spent', 'ad_time_spent', 'total_pause_duration', 'total_buffer_duration']) {
      assert.equal(metrics[name].value, expected[name], name);
    }

    await page.getByRole('button', { name: new RegExp(`^${labelOf('ad_count')}\\b`) }).first().click();
    const changes = await watched.table(sessions.metrics.changes);
    assert.deepEqual(changes.rows.map((row) => row.at(-1)), ['1', '2', '3']);
    watched.assertNoComplaints('metrics');
  });

  test('its file can be sent again, and gives the same session', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/sessions/${rig.population.timelines[TIMELINE]}`);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: sessions.detail.download }).click();
    const directory = mkdtempSync(join(tmpdir(), 'playhead-dashboard-replay-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'session.json');
    await (await download).saveAs(file);

    const other = await DashboardServer.start({ isEmpty: true });
    t.after(() => other.stop());
    const replay = spawnSync(binary('playhead'), ['replay', file, '--to', other.base, '--format', 'json'], {
      encoding: 'utf8', env: environment(),
    });
    assert.equal(replay.status, 0, `${replay.stdout}${replay.stderr}`);
    const copy = await eventually('the last event took effect', async () => {
      const [row] = (await other.report('/sessions?limit=1')).sessions;
      return row?.content_complete ? row : undefined;
    });
    for (const [name, value] of Object.entries(expected)) {
      // Of an open session the end is not known yet.
      if (['ads', 'chapters', 'close_reason'].includes(name)) continue;
      assert.deepEqual(copy[name], value, name);
    }
    watched.assertNoComplaints('download');
  });

  test('sessions are found by what is known of them', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/sessions?${GENERATED}`);
    const [wanted] = (await rig.server.report('/sessions?from=2026-01-01T00:00:00Z&to=2026-01-15T00:00:00Z&limit=1')).sessions;
    const field = page.getByLabel(sessions.search.q);
    await field.fill(wanted.visitor_id ?? wanted.content_id);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.search.includes(encodeURIComponent(wanted.visitor_id ?? wanted.content_id)));
    await watched.settle();
    const { rows } = await watched.table(sessions.list.title);
    const { sessions: found } = await rig.server.report(`/sessions?from=2025-12-31T23:00:00Z&to=2026-01-20T23:00:00Z&limit=50&q=${encodeURIComponent(wanted.visitor_id ?? wanted.content_id)}`);
    assert.ok(found.length > 0);
    assert.deepEqual(rows.map(([started, content]) => [started, content]), found.map((row) => [
      format.dateTime(row.started_at), row.content_name ?? row.content_id,
    ]));
    // A whole id leads to the session itself.
    await field.fill(wanted.session_id);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === `/sessions/${wanted.session_id}`);
    watched.assertNoComplaints('search');
  });
});

/** Seconds as the page writes them, to the millisecond. */
function seconds(text) {
  return Number(text.replaceAll(',', '').replace(/\s*s$/, ''));
}
