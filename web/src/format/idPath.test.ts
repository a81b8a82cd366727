import { describe, expect, it } from 'vitest';
import { idOfPath, idPath } from './idPath';

const BASE = '/content/';
const HOSTILE = ['a/b', 'a%2Fb', '%', '50%', '.', '..', '~..', '~~.', '...', '../..', '?q#f', '&a=b+c', ' ', '😀👩‍👩‍👧', '\u202e', '\0', 'x'.repeat(4_096)];

describe('the address of something by its id', () => {
  it('leads back to the id, whatever it is made of', () => {
    for (const id of HOSTILE) {
      const path = idPath(BASE, id);
      // As a browser reads it from a link.
      const { pathname } = new URL(path ?? '', 'http://localhost');
      expect(idOfPath(BASE, pathname)).toBe(id);
    }
    expect(new Set(HOSTILE.map((id) => idPath(BASE, id))).size).toBe(HOSTILE.length);
  });

  it('does not exist for what no address or filter can hold', () => {
    for (const id of ['', '\ud800', 'x'.repeat(4_097), '😀'.repeat(1_025)]) expect(idPath(BASE, id)).toBeNull();
  });

  it('was typed by hand', () => {
    expect(idOfPath(BASE, '/content/50%')).toBe('50%');
  });
});
