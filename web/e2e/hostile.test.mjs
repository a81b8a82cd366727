import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { HOSTILE_NAMES } from './collected_sessions.mjs';
import { arrange, openPage, rig, TEST_MS } from './rig.mjs';

arrange();

/** Nothing needs more characters than this in one piece before somebody asks for them. */
const MOST_IN_ONE_PIECE = 5_000;
const hostileContent = (kind) => encodeURIComponent(`hostile/${kind}?&#% <b>`);
/** A value as a filter of an address has it. */
const escaped = (text) => text.replace(/[\\:,]/g, (character) => `\\${character}`);
const PAGES = {
  live: () => ['/'],
  connect: () => ['/connect'],
  sessions: () => ['/sessions'],
  'a session': ({ hostile }) => Object.values(hostile).map((id) => `/sessions/${id}`),
  'overview by content': () => ['/overview?by=content_id', '/overview?by=content_name'],
  'lines and several dimensions': () => ['/overview?lines=content_id&by=content_name&by=channel&by=custom.key_markup', '/overview?lines=content_name&compare=week'],
  'side by side': () => ['/side-by-side?by=content_id', `/side-by-side?by=content_name&a=channel:in:${encodeURIComponent(escaped(HOSTILE_NAMES.markup.slice(0, 200)))}&b=show:exists:true`],
  contents: () => ['/content'],
  'a content': () => ['markup', 'longWord'].map((kind) => `/content/${hostileContent(kind)}`),
  'a visitor': () => Object.values(HOSTILE_NAMES).map((name) => `/visitors/${encodeURIComponent(name.slice(0, 200))}`),
  concurrency: () => ['/concurrency?by=content_id', '/concurrency?by=content_name&granularity=second&count=visitors'],
  quality: () => ['/quality'],
  ads: () => ['/ads'],
};

/** Pages on which the name that turns letters round must be seen. */
const WITH_TURNED_NAMES = ['sessions', 'a session', 'contents'];

describe('what players say stays text', { timeout: 2 * TEST_MS }, () => {
  for (const [name, addresses] of Object.entries(PAGES)) {
    test(name, async (t) => {
      const watched = await openPage(t);
      const seen = new Set();
      for (const address of addresses(rig.population)) {
        await watched.goto(address);
        for (const width of [1280, 390]) {
          await watched.show({ width });
          await watched.assertNoOverflow(`${address}, ${width} px`);
        }
        const found = await watched.page.evaluate(lookForHarm, { most: MOST_IN_ONE_PIECE });
        assert.deepEqual(found.harm, [], address);
        for (const text of found.texts) seen.add(text);
        watched.assertNoComplaints(address);
      }
      // The names were there at all.
      const isSeen = (start) => [...seen].some((text) => text.includes(start));
      assert.ok(isSeen(HOSTILE_NAMES.markup.slice(0, 14)), 'the markup does not show as text');
      if (name !== 'connect') assert.ok(isSeen('WWWWWWWW'), 'the long word does not show');
      if (WITH_TURNED_NAMES.includes(name)) assert.ok(isSeen('RLO'), 'what turns letters round shows no mark');
    });
  }
});

/** In the page: elements that a name has made, texts that turn others around, texts that nobody can lay out. */
function lookForHarm({ most }) {
  const harm = [...document.querySelectorAll('img[src="x"], [onerror], [onload], script:not([src])')]
    .map((element) => element.outerHTML.slice(0, 100));
  const texts = [];
  // A reader sees a mark for what turns letters round or has no width, wherever a name stands.
  const unseen = /[\u202a-\u202e\u2066-\u2069\u200b\u0080-\u009f]/;
  if (unseen.test(document.title)) harm.push(`not marked in the title of the window: ${document.title}`);
  for (const element of document.querySelectorAll('[title], [aria-label], [alt]')) {
    for (const name of ['title', 'aria-label', 'alt']) {
      const text = element.getAttribute(name) ?? '';
      if (unseen.test(text)) harm.push(`not marked in ${name} of ${element.tagName.toLowerCase()}.${element.className}: ${text.slice(0, 40)}`);
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data;
    const element = node.parentElement;
    if (text.includes('<img') || text.includes('WWWW') || text.includes('RLO')) texts.push(text.slice(0, 200));
    if (text.length > most) harm.push(`${text.length} characters in ${element.tagName}`);
    if (unseen.test(text) && element.closest('script, style') === null) {
      harm.push(`not marked in ${element.tagName.toLowerCase()}.${element.className}: ${text.slice(0, 40)}`);
    }
    if (/[\u0600-\u06ff]/.test(text)) {
      let isolated = false;
      for (let parent = element; parent && parent !== document.body; parent = parent.parentElement) {
        const { unicodeBidi, display } = getComputedStyle(parent);
        isolated ||= /isolate|plaintext/.test(unicodeBidi) || ['table-cell', 'block'].includes(display) && parent === element;
        if (isolated) break;
      }
      if (!isolated && element.closest('option, script, style, svg text') === null) {
        harm.push(`not isolated in ${element.tagName.toLowerCase()}.${element.className}: ${text.slice(0, 40)}`);
      }
    }
  }
  return { harm, texts };
}
