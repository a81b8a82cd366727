import { describe, expect, it } from 'vitest';
import { markedBody, placeOfSyntaxError } from './markedBody';

const fault = (path: string) => ({ path, message: 'is wrong' });
const shown = (body: unknown, paths: string[]) =>
  markedBody(JSON.stringify(body), paths.map(fault))?.map(
    ({ depth, text, faults, isMissing }) =>
      `${'  '.repeat(depth)}${isMissing ? '+' : ''}${text}${faults.map(({ path }) => ` <${path}>`).join('')}`,
  );

describe('markedBody', () => {
  it('marks values at their paths', () => {
    const body = { playerTime: { ts: '1' }, params: { 'media.length': '120' } };
    expect(shown(body, ['/playerTime/ts', '/params/media.length'])).toEqual([
      '{',
      '  "playerTime": {',
      '    "ts": "1" </playerTime/ts>',
      '  },',
      '  "params": {',
      '    "media.length": "120" </params/media.length>',
      '  }',
      '}',
    ]);
  });

  it('adds lines for keys that are missing', () => {
    expect(shown({ params: {} }, ['/params/media.id', '/playerTime/ts'])).toEqual([
      '{',
      '  "params": {',
      '    +"media.id" </params/media.id>',
      '  },'.replace(',', ''),
      '  +"playerTime › ts" </playerTime/ts>',
      '}',
    ]);
  });

  it('finds its way in lists, odd keys and the body itself', () => {
    expect(shown([{ 'a/b~c': 1 }, 2], ['/0/a~1b~0c', '', '/5/x'])).toEqual([
      '[ <>',
      '  {',
      '    "a/b~c": 1 </0/a~1b~0c>',
      '  },',
      '  2',
      '  +"5 › x" </5/x>',
      ']',
    ]);
  });

  it('knows what is no JSON', () => {
    expect(markedBody('{"a":', [])).toBeNull();
    const body = '{"a": 1\n "b": 2}';
    expect(placeOfSyntaxError(body, ['is not valid JSON: expected `,` at line 2 column 2'])).toBe(9);
    expect(placeOfSyntaxError(body, ['is required'])).toBeNull();
  });
});
