import { describe, expect, it } from 'vitest';
import { clipText, textForChart } from './clipText';
import { markedText, textPieces } from './visibleText';

describe('clipText', () => {
  it('cuts whole characters', () => {
    expect(clipText('short', 10)).toBe('short');
    expect(clipText('abcdefghij', 5)).toBe('abcd…');
    expect(clipText('🎬🎬🎬🎬🎬🎬', 4)).toBe('🎬🎬🎬…');
    expect(clipText('🎬🎬🎬', 4)).toBe('🎬🎬🎬');
    expect(clipText('x'.repeat(65_536), 20)).toHaveLength(20);
  });

  it('marks what turns letters round: a title read as another file', () => {
    const title = 'report\u202efdp.exe\u2069';
    expect(textPieces(title)).toEqual([
      { text: 'report' },
      { turning: 'RLO', code: 'U+202E' },
      { text: 'fdp.exe' },
      { turning: 'PDI', code: 'U+2069' },
    ]);
    expect(markedText(title)).toBe('report⟨RLO⟩fdp.exe⟨PDI⟩');
    expect(markedText('שלום \u200fabc')).toBe('שלום \u200fabc');
  });

  it('makes one harmless line for charts', () => {
    expect(textForChart('a\u202eb\n\u0000c\t\u2067d')).toBe('ab c d');
    expect(textForChart(null)).toBe('–');
    expect(textForChart('{a|rich}')).toBe('{a|rich}');
    expect(textForChart('w'.repeat(65_536), 30)).toHaveLength(30);
  });
});
