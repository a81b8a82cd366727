import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { GENERATED } from './addresses.mjs';
import { texts } from './page_source.mjs';
import { arrange, openPage, TEST_MS } from './rig.mjs';

arrange();
const { shell, filters } = texts.en;

describe('the keyboard alone', { timeout: TEST_MS }, () => {
  test('leads past the navigation, through it, into a table, and into a popover and out', async (t) => {
    const watched = await openPage(t);
    const { page } = watched;
    await watched.goto(`/content?${GENERATED}`);

    await page.keyboard.press('Tab');
    assert.equal((await focused(page)).text, shell.nav.skip);
    assert.ok((await focused(page)).isInSight, 'the skip link shows when it has the focus');
    await page.keyboard.press('Enter');
    assert.equal((await focused(page)).id, 'main');

    await page.reload();
    await watched.settle();
    await tabTo(page, 'the navigation', ({ text, tag }) => tag === 'A' && text === shell.nav.quality);
    assert.ok((await focused(page)).hasOutline, 'the focus is visible');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/quality?**');

    await watched.goto(`/content?${GENERATED}`);
    const range = page.getByRole('button', { name: /Jan \d+, 2026/ });
    await range.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: filters.range });
    await dialog.waitFor();
    assert.ok(await dialog.evaluate((element) => element.contains(document.activeElement)), 'the focus goes along');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.ok(await range.evaluate((element) => element === document.activeElement), 'the focus comes back');

    await tabTo(page, 'a row of the table', ({ href }) => /\/content\/content-/.test(href ?? ''));
    const { href } = await focused(page);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.href === href);
    watched.assertNoComplaints('keyboard');
  });
});

async function tabTo(page, what, isThere) {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (isThere(await focused(page))) return;
  }
  throw new Error(`Tab does not reach ${what}`);
}

/** What has the focus, once it is drawn. */
function focused(page) {
  return page.evaluate(async () => {
    await new Promise((resolve) => {
      requestAnimationFrame(() => requestAnimationFrame(resolve));
    });
    const element = document.activeElement;
    const { top, bottom, left, right } = element.getBoundingClientRect();
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return {
      id: element.id,
      tag: element.tagName,
      text: element.textContent.trim(),
      href: element.href,
      isInSight: bottom > 0 && right > 0 && top < innerHeight && left < innerWidth && bottom > top,
      hasOutline: outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 || boxShadow !== 'none',
    };
  });
}
