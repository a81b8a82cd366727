import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { texts } from './page_source.mjs';
import { arrange, openPage, TEST_MS } from './rig.mjs';

arrange();
const { filters, shell, catalogue } = texts.en;

describe('what one looks at is in the address', { timeout: TEST_MS }, () => {
  test('a change that came before the page showed the last one took that back', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto('/overview?segment=audio');
    const segment = page.getByRole('group', { name: filters.scope }).getByRole('combobox', { name: filters.segment });
    const compare = page.getByRole('group', { name: filters.scope }).getByRole('button', { name: filters.compare, exact: true });
    const other = await compare.elementHandle();
    await segment.evaluate((select, button) => {
      select.value = 'video';
      select.dispatchEvent(new Event('change', { bubbles: true }));
      button.click();
    }, other);
    await page.waitForURL((url) => url.searchParams.get('segment') === 'video' && url.searchParams.has('compare'));
    watched.assertNoComplaints('two changes at once');
  });

  test('range, zone, comparison, segment and filters stay when pages change, are reloaded and gone back to', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    const asked = [];
    page.on('request', (request) => {
      if (!request.url().endsWith('/reports/v1/query')) return;
      const question = request.postDataJSON();
      // Only the curves ask by time; lists of values to choose from are about all sessions.
      if (question.granularity) asked.push(question);
    });
    await watched.goto('/overview');
    const bar = page.getByRole('group', { name: filters.scope });

    await bar.getByRole('button', { name: filters.presets['7d'] }).click();
    const picker = page.getByRole('dialog', { name: filters.range });
    await picker.getByLabel(filters.from).fill('2026-01-03');
    await picker.getByLabel(filters.to).fill('2026-01-09');
    await picker.getByRole('button', { name: filters.apply }).click();
    await page.waitForURL((url) => url.searchParams.get('range') === '2026-01-03..2026-01-09');

    await bar.getByRole('button', { name: `${filters.timeZone}: Europe/Berlin` }).click();
    await page.getByRole('dialog', { name: filters.timeZone }).getByRole('combobox').fill('Tokyo');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('tz') === 'Asia/Tokyo');

    await bar.getByRole('combobox', { name: filters.segment }).selectOption('video');
    await page.waitForURL((url) => url.searchParams.get('segment') === 'video');

    await bar.getByRole('button', { name: filters.add, exact: true }).click();
    const editor = page.getByRole('dialog', { name: filters.addTitle });
    await editor.getByRole('combobox', { name: filters.dimension }).fill('channel');
    await page.keyboard.press('Enter');
    for (const value of ['roku', 'ios']) {
      await editor.getByRole('combobox', { name: filters.values }).fill(value);
      await page.keyboard.press('Enter');
    }
    await editor.getByRole('button', { name: filters.apply }).click();
    await page.waitForURL((url) => url.searchParams.get('f') === 'channel:in:roku,ios');
    await watched.settle();

    const scope = {
      from: '2026-01-03', to: '2026-01-10', time_zone: 'Asia/Tokyo', segment: 'video',
      filters: [{ dimension: 'channel', operator: 'in', values: ['roku', 'ios'] }],
    };
    const search = new URL(page.url()).search;
    assertAsked(asked, scope);
    const chip = bar.getByText('roku, ios');
    await chip.waitFor();

    asked.length = 0;
    await page.reload();
    await watched.settle();
    assertAsked(asked, scope);
    await chip.waitFor();
    await bar.getByRole('button', { name: /Jan 3, 2026/ }).waitFor();
    assert.equal(await bar.getByRole('combobox', { name: filters.segment }).inputValue(), 'video');

    // Another page has the same scope, and a comparison set there is still there when one comes back.
    await page.locator('aside nav').getByRole('link', { name: shell.nav.quality }).click();
    await page.waitForURL((url) => url.pathname === '/quality' && url.search === search);
    await watched.settle();
    await page.locator('aside nav').getByRole('link', { name: shell.nav.overview }).click();
    await page.waitForURL((url) => url.pathname === '/overview' && url.search === search);
    await watched.settle();
    await bar.getByRole('button', { name: filters.compare, exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get('compare') === '1');
    await page.locator('aside nav').getByRole('link', { name: shell.nav.content }).click();
    await page.waitForURL((url) => url.pathname === '/content' && url.searchParams.get('compare') === '1'
      && url.searchParams.get('f') === 'channel:in:roku,ios');
    await watched.settle();

    await page.goBack();
    await page.waitForURL((url) => url.pathname === '/overview' && url.searchParams.get('compare') === '1');
    await page.goBack();
    await page.waitForURL((url) => url.pathname === '/overview' && !url.searchParams.has('compare'));
    await page.goBack();
    await page.waitForURL((url) => url.pathname === '/quality' && url.search === search);
    await chip.waitFor();

    const label = `${catalogue.dimensions.channel} ${catalogue.operators.in} roku, ios`;
    await bar.getByRole('button', { name: filters.remove.replace('{{filter}}', label) }).click();
    await page.waitForURL((url) => !url.searchParams.has('f'));
    // Only the overview draws curves over time.
    await page.locator('aside nav').getByRole('link', { name: shell.nav.overview }).click();
    await page.waitForURL((url) => url.pathname === '/overview' && !url.searchParams.has('f'));
    await watched.settle();
    assert.deepEqual(asked.at(-1).filters, []);
    watched.assertNoComplaints('address');
  });

  test('the same link showed other numbers in Los Angeles', async (t) => {
    const { page: sender } = await openPage(t);
    await sender.goto('/overview?range=yesterday&metrics=sessions');
    // The zone of the server, where neither reader has chosen one; and it is in the address.
    await sender.waitForURL((url) => url.searchParams.get('tz') === 'Europe/Berlin');
    const link = sender.url();
    assert.equal(new URL(link).search, '?range=yesterday&tz=Europe/Berlin&metrics=sessions');

    const watched = await openPage(t, { timezoneId: 'America/Los_Angeles' });
    const { page } = watched;
    const zones = new Set();
    page.on('request', (request) => {
      if (request.url().endsWith('/reports/v1/query')) zones.add(request.postDataJSON().time_zone);
    });
    await watched.goto(link);
    const bar = page.getByRole('group', { name: filters.scope });
    const zone = (name) => bar.getByRole('button', { name: `${filters.timeZone}: ${name}`, exact: true });
    await zone('Europe/Berlin').waitFor();
    assert.equal(await bar.getByRole('note').count(), 0, 'the zone is the one of both readers');

    // One who has chosen a zone is told that a link has another, and finds back.
    await page.locator('aside').getByRole('combobox', { name: shell.settings.timeZone }).selectOption('America/Los_Angeles');
    await page.waitForURL((url) => url.searchParams.get('tz') === 'America/Los_Angeles');
    await watched.settle();
    zones.clear();
    await watched.goto(link);
    const own = 'America/Los Angeles';
    await bar.getByRole('note').getByText(fill(filters.otherZone, { zone: 'Europe/Berlin', own })).waitFor();
    assert.deepEqual([...zones], ['Europe/Berlin']);
    await bar.getByRole('button', { name: fill(filters.ownZone, { own }) }).click();
    await page.waitForURL((url) => url.searchParams.get('tz') === 'America/Los_Angeles');
    await zone(own).waitFor();
    assert.equal(await bar.getByRole('note').count(), 0);
    await page.goBack();
    await bar.getByRole('button', { name: fill(filters.keepZone, { zone: 'Europe/Berlin' }) }).click();
    await bar.getByRole('note').waitFor({ state: 'detached' });
    await watched.goto('/overview');
    await page.waitForURL((url) => url.searchParams.get('tz') === 'Europe/Berlin');
    assert.deepEqual(await watched.accessibilityFaults(), []);
    watched.assertNoComplaints('a link from elsewhere');
  });

  test('an address with nonsense in it shows the page all the same', async (t) => {
    const watched = await openPage(t);
    await watched.goto('/overview?range=2026-02-31..x&tz=Mars/Olympus&segment=&f=:::&f=%F0%9F%98%80&compare=maybe&metrics=,&by=');
    assert.equal(await watched.page.getByRole('alert').count(), 0);
    await watched.page.getByRole('button', { name: filters.presets['7d'] }).waitFor();
    watched.assertNoComplaints('nonsense');
  });
});

const fill = (text, values) => text.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);

/** The last question was about exactly this scope. */
function assertAsked(asked, scope) {
  const last = asked.at(-1);
  assert.ok(last, 'nothing was asked');
  assert.deepEqual(Object.fromEntries(Object.keys(scope).map((name) => [name, last[name]])), scope);
}
