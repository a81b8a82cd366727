import type { ReactNode } from 'react';
import type { BoardPanel } from '../../api/kept';
import { HostileText } from '../../components/text/HostileText';
import type { ReadyScope } from '../../filters/useScope';
import { BreakdownView } from './BreakdownView';
import { ConcurrencyView } from './ConcurrencyView';
import { SidesPanelView } from '../sides/SidesPanelView';
import { QualityView } from './QualityView';
import { SeriesView } from './SeriesView';

export interface PanelViewProps {
  title: ReactNode;
  /** The title as plain text, for screen readers and files. */
  label: string;
  parameters: BoardPanel['parameters'];
  scope: ReadyScope;
  actions: ReactNode;
}

const VIEWS: Record<BoardPanel['kind'], (props: PanelViewProps) => ReactNode> = {
  series: SeriesView,
  breakdown: BreakdownView,
  concurrency: ConcurrencyView,
  quality: QualityView,
  side_by_side: SidesPanelView,
};

/** A panel of a board, by its kind. */
export function BoardPanelView({ panel, scope, actions }: { panel: BoardPanel; scope: ReadyScope; actions: ReactNode }): ReactNode {
  const View = VIEWS[panel.kind];
  const title = <HostileText text={panel.title} max={120} />;
  return <View title={title} label={panel.title} parameters={panel.parameters} scope={scope} actions={actions} />;
}
