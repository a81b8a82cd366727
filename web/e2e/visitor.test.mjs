// One visitor, whatever kind of id it is and whatever the id is made of: page, API and SQL agree, and every list leads there.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';

import { eventually } from '../../browser/bounded.mjs';
import { GENERATED } from './addresses.mjs';
import { CollectedSession, HOSTILE_NAMES } from './collected_sessions.mjs';
import { LAKE_DAYS } from './dashboard_server.mjs';
import { format, texts } from './page_source.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();
const { catalogue, sessions } = texts.en;
const { visitor } = sessions;
const SCOPE = { from: LAKE_DAYS.first, to: LAKE_DAYS.after, time_zone: 'Europe/Berlin' };
const SINCE = `started_at >= timestamptz '${LAKE_DAYS.first}T00:00:00+01:00' and started_at < timestamptz '${LAKE_DAYS.after}T00:00:00+01:00'`;
const WHO = `coalesce(nullif(marketing_cloud_user_id, ''), nullif(visitor_id, ''), nullif(app_installation_id, ''), session_id)`;
const FIRST_ROWS = 50;
const pathOf = (id) => `/visitors/${encodeURIComponent(id)}`;

/** The visitor who has the most sessions in the generated days, and its numbers by SQL. */
async function busiest() {
  const { rows } = await rig.server.report('/sql', {
    query: `select ${WHO} as id, count(*), sum(media_time_spent), count(*) filter (where error_events > 0),
      count(*) filter (where start_failure), min(started_at), max(last_event_at), count(distinct player_name)
      from sessions where ${SINCE} group by 1 order by 2 desc, 1 limit 1`,
  });
  const [id, count, seconds, withErrors, failures, firstAt, lastAt, players] = rows[0];
  return { id, count, seconds, withErrors, failures, firstAt, lastAt, players };
}

/** Sessions of these ids that take effect at once. */
async function watch(params, hasError = false) {
  const session = await CollectedSession.open(rig.server, { 'analytics.visitorId': undefined, ...params });
  if (hasError) await session.send('error', { qoeData: { 'media.qoe.errorID': 'e-1', 'media.qoe.errorSource': 'player' } });
  await session.send('sessionEnd', {}, 1);
  return session.id;
}

async function listed(id, count) {
  await eventually('the sessions are listed', async () => {
    const { total } = await rig.server.report(`/sessions?time_zone=UTC&visitor_id=${encodeURIComponent(id)}`);
    return total === count || undefined;
  });
}

describe('a visitor', { timeout: 2 * TEST_MS }, () => {
  test('has the same numbers on the page, in the API and in SQL', async (t) => {
    const wanted = await busiest();
    assert.ok(wanted.count > FIRST_ROWS, `${wanted.count} sessions: more than the page shows at first`);
    const query = new URLSearchParams({ ...SCOPE, visitor_id: wanted.id, order_by: '-started_at', limit: 1000 });
    const list = await rig.server.report(`/sessions?${query}`);
    assert.equal(list.total, wanted.count);

    const watched = await openPage(t);
    await watched.goto(`${pathOf(wanted.id)}?${GENERATED}`);
    const exact = async (label) => (await watched.tile(label)).exact;
    assert.equal(await exact(catalogue.metrics.sessions), format.number(wanted.count, 0));
    assert.equal(await exact(catalogue.metrics.media_time_spent), format.duration(wanted.seconds));
    assert.equal(await exact(catalogue.metrics.error_impacted_streams), format.number(wanted.withErrors, 0));
    assert.equal(await exact(catalogue.metrics.start_failures), format.number(wanted.failures, 0));
    assert.equal(await exact(visitor.firstSeen), format.exactTime(wanted.firstAt));
    assert.equal(await exact(visitor.lastSeen), format.exactTime(wanted.lastAt));
    assert.equal((await watched.tile(visitor.players)).text, format.number(wanted.players, 0));
    const more = watched.page.getByRole('button', { name: sessions.list.more });
    for (let shown = FIRST_ROWS; shown < wanted.count; shown += FIRST_ROWS) await more.click();
    await watched.page.getByText(sessions.list.end).waitFor();
    const { header, rows } = await watched.table(visitor.sessions);
    assert.deepEqual(rows.map(([started, content]) => [started, content]), list.sessions.map((row) => [
      format.dateTime(row.started_at), row.content_name ?? row.content_id,
    ]));
    for (const column of ['errors', 'diagnoses']) assert.ok(header.includes(sessions.list[column]), column);
    watched.assertNoComplaints('numbers');

    await watched.page.getByRole('table', { name: visitor.sessions }).getByRole('link').first().click();
    await watched.page.waitForURL((url) => url.pathname === `/sessions/${list.sessions[0].session_id}`);
    watched.assertNoComplaints('a row');
  });

  test('is whoever has the first id that is not empty, of any kind', async (t) => {
    const id = `kinds ${randomUUID()}`;
    await watch({ 'visitor.marketingCloudUserId': id, 'analytics.visitorId': 'another' }, true);
    await watch({ 'visitor.marketingCloudUserId': '', 'analytics.visitorId': id });
    await watch({ 'analytics.visitorId': '', appInstallationId: id });
    // Somebody else, who only has it behind an id that counts.
    await watch({ 'visitor.marketingCloudUserId': 'another', 'analytics.visitorId': id });
    await listed(id, 3);
    const watched = await openPage(t);
    await watched.goto(pathOf(id));
    assert.equal((await watched.tile(catalogue.metrics.sessions)).exact, '3');
    assert.equal((await watched.tile(catalogue.metrics.error_impacted_streams)).exact, '1');
    assert.equal((await watched.table(visitor.sessions)).rows.length, 3);
    await watched.text(visitor.severalKinds.replace('{{count}}', '3')).waitFor();
    watched.assertNoComplaints('kinds');
  });

  test('is reached from a list, from a session and from the search, whatever the id is', async (t) => {
    const ids = ['a/b', 'a%2Fb', '50% off?#&=+', '../..', '訪客／觀眾 👩‍👩‍👧', HOSTILE_NAMES.markup, HOSTILE_NAMES.rightToLeft];
    const watched = await openPage(t);
    const { page } = watched;
    for (const start of ids) {
      const id = `${start} ${randomUUID().slice(0, 8)}`;
      const session = await watch({ 'analytics.visitorId': id });
      await listed(id, 1);
      const isThere = async (from) => {
        await page.waitForURL((url) => url.pathname === pathOf(id));
        await watched.settle();
        assert.equal((await watched.table(visitor.sessions)).rows.length, 1, `${from}: ${id}`);
        for (const width of [1920, 390, 1280]) {
          await watched.show({ width });
          await watched.assertNoOverflow(`${id}, ${width} px`);
        }
      };
      await watched.goto(`/sessions?visitor=${encodeURIComponent(id)}`);
      await page.getByRole('table', { name: sessions.list.title }).getByTitle(visitor.open).click();
      await isThere('list');
      await watched.goto('/sessions');
      await page.getByLabel(sessions.search.visitor).fill(id);
      await page.getByRole('search').getByRole('link', { name: visitor.open }).click();
      await isThere('search');
      // From another range than the session's: the link brings one in which it is.
      await watched.goto(`/sessions/${session}?${GENERATED}`);
      await page.locator('main dl').first().getByTitle(visitor.open).click();
      await isThere('session');
      watched.assertNoComplaints(id);
    }
  });

  test('without sessions says what to do: other days, or another id', async (t) => {
    const { id, count, firstAt } = await busiest();
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`${pathOf(id)}?range=2025-06-01..2025-06-02`);
    await watched.text(visitor.otherDaysTitle).waitFor();
    await page.getByText(format.date(firstAt)).first().waitFor();
    await page.getByRole('button', { name: visitor.showOtherDays }).click();
    await watched.text(visitor.otherDaysTitle).waitFor({ state: 'detached' });
    await watched.settle();
    assert.equal((await watched.table(visitor.sessions)).rows.length, Math.min(count, FIRST_ROWS));

    await watched.goto(pathOf('nobody/at all'));
    await watched.text(visitor.nobodyTitle).waitFor();
    assert.equal((await watched.tile(catalogue.metrics.sessions)).exact, '0');
    await page.getByRole('link', { name: visitor.searchPart }).click();
    await page.waitForURL((url) => url.pathname === '/sessions' && url.searchParams.get('q') === 'nobody/at all');
    watched.assertNoComplaints('nobody');
  });
});
