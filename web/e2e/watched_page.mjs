// A page of the dashboard, and all that the browser says about it.

import assert from 'node:assert/strict';

import axe from 'axe-core';

/** No page takes longer than this to show what it has, also on a busy machine. */
const PAGE_MS = 60_000;
const HEIGHT = 900;

/** All pages that need no more than a login. */
export const PAGES = ['/', '/overview', '/content', '/concurrency', '/quality', '/ads', '/sessions', '/boards', '/sql', '/connect'];

export class WatchedPage {
  /**
   * @param {{browser: import('playwright-core').Browser, server: {base: string}, cookie: string | null}} rig
   * @param {{theme?: 'light' | 'dark', width?: number, languages?: string, storage?: object}} options
   */
  static async open(rig, { theme = 'light', width = 1280, locale = 'en-US', ...more } = {}) {
    const watched = new WatchedPage();
    watched.server = rig.server;
    watched.context = await rig.browser.newContext({
      baseURL: rig.server.base,
      viewport: { width, height: HEIGHT },
      colorScheme: theme,
      locale,
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
      acceptDownloads: true,
      ...more,
    });
    if (rig.cookie) await watched.context.addCookies([cookieOf(rig.cookie, rig.server.base)]);
    const page = await watched.context.newPage();
    watched.page = page;
    page.setDefaultTimeout(PAGE_MS);
    watched.complaints = [];
    const complain = (text) => watched.complaints.push(text);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complain(`console: ${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => complain(`exception: ${error.stack}`));
    page.on('dialog', (dialog) => {
      complain(`dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
    page.on('requestfailed', (request) => {
      // Whoever leaves a page ends what it was asking.
      const reason = request.failure()?.errorText;
      if (reason !== 'net::ERR_ABORTED') complain(`request: ${reason} ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) complain(`answer: ${response.status()} ${response.url()}`);
    });
    // The browser's own word on it names less, and comes as a console message as well.
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
        console.error(`policy: ${violatedDirective} ${blockedURI} ${sourceFile}`);
      });
    });
    return watched;
  }

  async close() {
    await this.context.close();
  }

  /** Goes to an address and waits until the page has all that it shows. */
  async goto(address) {
    await this.page.goto(address);
    await this.settle();
  }

  /** Waits until nothing has been loading for some looks at it, one each tenth of a second. */
  async settle(looks = 4) {
    const { page } = this;
    await page.locator('main h1').first().waitFor();
    await page.waitForFunction((wanted) => {
      const loading = document.querySelector('[aria-busy="true"], [role="status"] > .visually-hidden');
      const canvases = [...document.querySelectorAll('[role="img"] > div[aria-hidden="true"]')];
      const isQuiet = !loading && canvases.every((element) => element.childElementCount > 0);
      const { stable = 0 } = window;
      // What is asked by the answer to something else begins a moment later.
      window.stable = isQuiet ? stable + 1 : 0;
      return window.stable >= wanted;
    }, looks, { polling: 100 });
    await page.evaluate(() => { window.stable = 0; });
  }

  /** Shows the page in another size and theme, and waits for it. */
  async show({ width, theme }) {
    if (width) await this.page.setViewportSize({ width, height: HEIGHT });
    if (theme) await this.page.emulateMedia({ colorScheme: theme });
    await this.page.evaluate(() => new Promise((resolve) => {
      requestAnimationFrame(() => requestAnimationFrame(resolve));
    }));
  }

  /** Makes the window as high as all that is in it, so that what sticks to its edges stands at those of a picture. */
  async growToContent() {
    const [width, height] = await this.page.evaluate(() => [innerWidth, document.documentElement.scrollHeight]);
    await this.page.setViewportSize({ width, height: Math.max(height, HEIGHT) });
    await this.settle(1);
  }

  /** Nothing failed, or only what fits one of the patterns. What was said before is forgotten. */
  assertNoComplaints(where, allowed = []) {
    const complaints = this.complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)));
    this.complaints.length = 0;
    assert.deepEqual(complaints, [], where);
  }

  /** The page is not wider than its window, and names what is when it is. */
  async assertNoOverflow(where) {
    const wide = await this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      if (scrollWidth <= clientWidth) return [];
      const scrolls = (element) => {
        for (let parent = element.parentElement; parent && parent !== document.body; parent = parent.parentElement) {
          if (getComputedStyle(parent).overflowX !== 'visible') return true;
        }
        return false;
      };
      const culprits = [...document.querySelectorAll('body *')]
        .filter((element) => element.getBoundingClientRect().right > clientWidth + 1 && !scrolls(element))
        .map((element) => `${element.tagName.toLowerCase()}.${element.className} "${element.textContent.slice(0, 40)}"`);
      return [`${scrollWidth} of ${clientWidth} px`, ...culprits.slice(0, 6)];
    });
    assert.deepEqual(wide, [], where);
  }

  /** Serious faults of accessibility that axe finds, each with where it is. */
  async accessibilityFaults() {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(() => window.axe.run(document, {
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }));
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target, any }) =>
        `${target.join(' ')} (${any[0]?.message ?? ''})`).join('; ')}`);
  }

  /** The first element in sight with exactly this text. */
  text(text) {
    return this.page.getByText(text, { exact: true }).filter({ visible: true }).first();
  }

  /** The headline number under a label: as written, its exact value where the page has one, and all that stands there. */
  async tile(label) {
    const tile = this.page.locator('[role="group"] :is(div, button, a)')
      .filter({ has: this.page.locator(`xpath=./span[1][normalize-space()=${quoted(label)}]`) }).first();
    const value = tile.locator('xpath=./span[2]/span[1]');
    return {
      text: (await value.innerText()).trim(),
      exact: await value.getAttribute('title'),
      whole: await tile.innerText(),
    };
  }

  /** A table by its caption: header texts, and the texts of the cells row by row. */
  async table(caption) {
    const table = this.page.getByRole('table', { name: caption, exact: true }).first();
    await table.waitFor();
    return table.evaluate((element) => {
      // What leads to sessions holds no number.
      const numbers = (row) => [...row.cells].filter((cell) => !('leadsOn' in cell.dataset));
      const cells = (row) => numbers(row).map((cell) => cell.innerText.trim());
      return {
        header: cells(element.tHead.rows[0]),
        rows: [...element.tBodies[0].rows].map(cells),
        footer: element.tFoot ? cells(element.tFoot.rows[0]) : null,
      };
    });
  }
}

function cookieOf(setCookie, url) {
  const [pair] = setCookie.split(';');
  const at = pair.indexOf('=');
  return { name: pair.slice(0, at), value: pair.slice(at + 1), url, httpOnly: true, sameSite: 'Strict' };
}

/** A text as XPath takes it. */
function quoted(text) {
  return text.includes('"') ? `concat("${text.split('"').join('", \'"\', "')}")` : `"${text}"`;
}
