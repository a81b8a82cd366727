import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { DimensionField } from '../../filters/breakdown/DimensionField';
import { useChangeOwnParams } from '../../filters/useScope';
import type { ConcurrencyChoice } from './concurrencyChoice';

/** What is counted, how finely, and by what. */
export function ConcurrencyControls({ choice }: { choice: ConcurrencyChoice }): ReactNode {
  const { t } = useTranslation('concurrency');
  const change = useChangeOwnParams();
  return (
    <>
      <SegmentedControl
        label={t('controls.count')}
        options={[
          { value: 'sessions', label: t('sessions') },
          { value: 'visitors', label: t('visitors') },
        ]}
        value={choice.count}
        onChange={(value) => change({ count: value === 'sessions' ? null : value })}
      />
      <SegmentedControl
        label={t('controls.state')}
        options={[
          { value: 'active', label: t('controls.active') },
          { value: 'playing', label: t('controls.playing') },
        ]}
        value={choice.state}
        onChange={(value) => change({ state: value === 'active' ? null : value })}
      />
      <SegmentedControl
        label={t('controls.granularity')}
        options={[
          { value: 'minute', label: t('controls.minute') },
          { value: 'second', label: t('controls.second') },
        ]}
        value={choice.granularity}
        onChange={(value) => change({ granularity: value === 'minute' ? null : value })}
      />
      <DimensionField
        label={t('controls.by')}
        by={choice.by}
        none={t('controls.byNone')}
        hideLists
        onChange={(by) => change({ by })}
      />
    </>
  );
}
