import { describe, expect, it } from 'vitest';
import { viewAddress } from './viewAddress';

describe('the address of a view', () => {
  it('left the zone to the reader, who saw other days', () => {
    expect(viewAddress('/overview', '?range=30d', 'Europe/Berlin')).toBe('/overview?range=30d&tz=Europe/Berlin');
    expect(viewAddress('/overview', '?tz=UTC', 'Europe/Berlin')).toBe('/overview?tz=UTC');
  });

  it('had characters that the server does not take', () => {
    const search = `?f=${encodeURIComponent('channel:in:a b,{c}|"d"<é>')}&by=custom.x^y`;
    const address = viewAddress('/content/a%2Fb|c', search, 'UTC');
    expect(address).toMatch(/^[\x21-\x7e]+$/);
    expect(address).not.toMatch(/["#<>\\^`{|}]/);
    const read = new URL(address, 'http://host');
    expect(read.searchParams.get('f')).toBe('channel:in:a b,{c}|"d"<é>');
    expect(read.searchParams.get('by')).toBe('custom.x^y');
    expect(read.pathname).toBe('/content/a%2Fb%7Cc');
  });
});
