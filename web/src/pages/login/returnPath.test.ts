import { expect, it } from 'vitest';
import { returnPath } from './returnPath';

it('leads to pages of the dashboard only', () => {
  expect(returnPath('/overview?range=30d&f=channel:in:web')).toBe('/overview?range=30d&f=channel:in:web');
  for (const other of [null, '', 'overview', '//example.org', '/\\example.org', 'https://example.org', '/\t/x', '/login', 'javascript:alert(1)']) {
    expect(returnPath(other)).toBe('/');
  }
});
