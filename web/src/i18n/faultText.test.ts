import { describe, expect, it } from 'vitest';
import { faultText } from './faultText';

describe('faults', () => {
  it('are known by what the server says, with what they hold', () => {
    expect(faultText('is required')).toEqual({ key: 'required', values: {}, near: null });
    expect(faultText('names no time zone: "Asia/Tokio" (did you mean Asia/Tokyo?)')).toEqual({
      key: 'zone',
      values: { name: '"Asia/Tokio"' },
      near: 'Asia/Tokyo',
    });
    expect(faultText('must be one of none, minute, hour, not "hours" (did you mean hour?)')).toMatchObject({
      key: 'oneOf',
      values: { list: 'none, minute, hour' },
      near: 'hour',
    });
    expect(faultText('must be a string, is a number')).toMatchObject({ key: 'type', values: { wanted: 'string', found: 'number' } });
    expect(faultText('makes more than 20000 buckets of this range; use hour, or a shorter range')).toMatchObject({
      key: 'buckets',
      values: { most: '20000' },
    });
    expect(faultText('is beyond anything that anybody foresaw')).toBeNull();
  });
});
