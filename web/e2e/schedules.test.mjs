// Reports by schedule: from a panel of a board to a file, as a user does it; and nothing of it for a reader.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { GENERATED } from './addresses.mjs';
import { DashboardServer, TOKENS } from './dashboard_server.mjs';
import { texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { kept } = texts.en;

describe('reports by schedule', { timeout: 2 * TEST_MS }, () => {
  test('a panel of a board is sent by schedule, at once, and no more', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'playhead-reports-'));
    const server = await DashboardServer.start({ flags: ['--report-folder', folder] });
    t.after(async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const parameters = { metrics: ['media_starts'], dimensions: ['channel'] };
    const hostile = 'Starts\u202e <b>by</b> channel';
    const { id } = await server.report('/boards', { name: 'Daily', is_shared: true, panels: [
      { title: hostile, kind: 'breakdown', parameters },
      { title: 'Quality', kind: 'quality' },
    ] });
    const watched = await openPage(t, { server, cookie: await server.logIn('admin') });
    const { page } = watched;
    await watched.goto(`/boards/${id}?${GENERATED}`);
    const send = page.getByRole('button', { name: kept.schedule.send });
    assert.equal(await send.count(), 2, 'every panel can be sent');
    await send.first().click();
    const form = page.getByRole('dialog', { name: kept.schedule.send });
    await form.getByLabel(kept.schedule.range).selectOption({ label: kept.schedule.ranges['90d'] });
    await form.getByLabel(kept.schedule.every).selectOption({ label: kept.schedule.everyOne.week });
    assert.deepEqual(await form.locator('select', { has: page.locator('[value=png]') }).locator('option').allTextContents(), Object.values(kept.schedule.formats));
    await form.getByLabel(kept.schedule.weekday).selectOption({ label: kept.schedule.weekdays.tuesday });
    await form.getByLabel(kept.schedule.at.replace('{{zone}}', 'Europe/Berlin')).fill('07:30');
    await form.getByLabel(kept.schedule.folderHint).fill('../up');
    await form.getByRole('button', { name: kept.schedule.create }).click();
    await form.getByText('/to/folder').waitFor();
    assert.deepEqual(await watched.accessibilityFaults(), []);
    await form.getByLabel(kept.schedule.folderHint).fill('weekly');
    await form.getByRole('button', { name: kept.schedule.create }).click();
    await form.waitFor({ state: 'hidden' });
    const [made] = (await server.report('/schedules')).schedules;
    assert.deepEqual([made.name, made.report, made.range, made.time_zone, made.when, made.to], [
      hostile, { kind: 'breakdown', parameters }, '90d', 'Europe/Berlin', { every: 'week', weekday: 'tuesday', at: '07:30' }, { folder: 'weekly' },
    ]);

    await watched.goto('/boards');
    const table = page.getByRole('table', { name: kept.schedule.many });
    await table.getByText(kept.schedule.never).waitFor();
    await table.getByRole('button', { name: kept.schedule.run }).click();
    await table.getByText(kept.schedule.outcomes.sent, { exact: true }).waitFor();
    const [name] = readdirSync(join(folder, 'weekly'));
    assert.match(name, /^Starts-b-by-b-channel_.*_Europe-Berlin\.csv$/);
    assert.match(readFileSync(join(folder, 'weekly', name), 'utf8'), /^channel,media_starts\r?\n/);
    assert.deepEqual(await watched.accessibilityFaults(), []);

    const body = { name: 'Picture', report: { kind: 'quality', parameters: {} }, range: '90d', when: { every: 'day', at: '07:30' }, format: 'png', to: { folder: '.' } };
    const { id: picture } = await server.report('/schedules', body);
    const authorized = { headers: { Authorization: `Bearer ${TOKENS.admin}` } };
    const ran = await fetch(`${server.base}/reports/v1/schedules/${picture}/run`, { method: 'POST', ...authorized });
    const run = await ran.json();
    assert.equal(run.outcome, 'sent', JSON.stringify(run));
    const png = readFileSync(join(folder, run.place)).toString('base64');
    const size = await page.evaluate(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      return [image.naturalWidth, image.naturalHeight];
    }, png);
    assert.ok(size[0] === 1_600 && size[1] > 200, `a browser reads the picture: ${size}`);
    await fetch(`${server.base}/reports/v1/schedules/${picture}`, { method: 'DELETE', ...authorized });

    rmSync(folder, { recursive: true });
    await table.getByRole('button', { name: kept.schedule.run }).click();
    await table.getByText('directory for reports cannot be opened', { exact: false }).waitFor();
    assert.ok(!existsSync(folder));
    watched.assertNoComplaints('schedules', [/^(answer|console).*400/]);

    const reader = await openPage(t, { server, cookie: await server.logIn('read') });
    await reader.goto(`/boards/${id}?${GENERATED}`);
    await reader.page.getByRole('heading', { name: 'Quality' }).waitFor();
    assert.equal(await reader.page.getByRole('button', { name: kept.schedule.send }).count(), 0);
    await reader.goto('/boards');
    await reader.page.getByRole('table', { name: kept.board.many }).waitFor();
    assert.equal(await reader.page.getByRole('heading', { name: kept.schedule.many }).count(), 0);
    reader.assertNoComplaints('schedules, to a reader');

    await table.getByRole('button', { name: kept.remove, exact: true }).click();
    await table.getByRole('button', { name: kept.removeNow }).click();
    await watched.text(kept.schedule.none).waitFor();
    assert.deepEqual((await server.report('/schedules')).schedules, []);
  });

  test('a server that sends nothing says what its operator has to set', async (t) => {
    const watched = await openPage(t);
    await watched.goto('/boards');
    await watched.text(kept.schedule.nowhere).waitFor();
    assert.deepEqual((await rig.server.report('/schedules')).schedules, []);
    watched.assertNoComplaints('no schedules');
  });
});
