import { describe, expect, it } from 'vitest';
import { FIRST_ROWS, readListChoice, searchFilter } from './contentList';

describe('readListChoice', () => {
  it('has usual values for what is absent or makes no sense', () => {
    const usual = { search: '', order: '-content_starts', rows: FIRST_ROWS };
    expect(readListChoice(new URLSearchParams())).toEqual(usual);
    expect(readListChoice(new URLSearchParams('order=-no_metric&rows=-4&q=%20'))).toEqual(usual);
  });

  it('reads order, rows and search', () => {
    const params = new URLSearchParams('order=content_name&rows=75&q= news ');
    expect(readListChoice(params)).toEqual({ search: 'news', order: 'content_name', rows: 75 });
  });
});

describe('searchFilter', () => {
  it('asks for nothing without a text', () => {
    expect(searchFilter('')).toBeNull();
  });

  it('asks for name and id', () => {
    expect(searchFilter('evening')).toEqual({
      or: [
        { dimension: 'content_name', operator: 'contains', value: 'evening' },
        { dimension: 'content_id', operator: 'contains', value: 'evening' },
      ],
    });
  });
});
