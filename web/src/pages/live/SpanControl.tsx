import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { useChangeOwnParams } from '../../filters/useScope';

/** How much of the last hour the charts show, as written in the address. */
const SPANS = { '5m': 300, '15m': 900, '1h': 3600 } as const;

type Span = keyof typeof SPANS;

const USUAL: Span = '1h';

function useSpan(): Span {
  const [params] = useSearchParams();
  const span = params.get('last') ?? '';
  return Object.hasOwn(SPANS, span) ? (span as Span) : USUAL;
}

export function useSpanSeconds(): number {
  return SPANS[useSpan()];
}

/** Chooses how much of the last hour the charts show. */
export function SpanControl(): ReactNode {
  const { t } = useTranslation('live');
  const change = useChangeOwnParams();
  const options = (Object.keys(SPANS) as Span[]).map((value) => ({ value, label: t(`span.${value}`) }));
  return (
    <SegmentedControl
      label={t('span.label')}
      options={options}
      value={useSpan()}
      onChange={(span) => change({ last: span === USUAL ? null : span })}
    />
  );
}
