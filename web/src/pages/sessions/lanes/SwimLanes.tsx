import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/controls/Button';
import { HostileText } from '../../../components/text/HostileText';
import { Panel } from '../../../components/layout/Panel';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import type { Highlight } from '../metrics/explanation';
import { offsetText } from '../events/exactText';
import { LaneDrawing } from './LaneDrawing';
import { layOutLanes, type LaneRow } from './laneLayout';
import { LaneCursor, LaneHighlight } from './LaneOverlay';
import type { Lanes } from './lanes';
import styles from './Lanes.module.css';
import { LaneTip } from './LaneTip';
import { Minimap } from './Minimap';
import type { RecordedEvent } from '../events/recordedEvent';
import { useLanePointer } from './useLanePointer';
import { useLaneView, useLaneWheel } from './useLaneView';

interface SwimLanesProps {
  lanes: Lanes;
  events: readonly RecordedEvent[];
  timeZone: string;
  contentLength: number | null;
  selected: number | null;
  onSelect: (sequence: number) => void;
  highlight: Highlight | null;
  /** The highlighted spans. */
  highlightLabel: string | null;
  onClearHighlight: () => void;
  /** Said instead of how to use it, such as that something is missing. */
  note: string | null;
}

const NARROW = 560;

/** A session as lanes over time. */
export function SwimLanes(props: SwimLanesProps): ReactNode {
  const { lanes, events, timeZone, contentLength, selected, onSelect, highlight, highlightLabel } = props;
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [isNarrow, setIsNarrow] = useState(false);
  const control = useLaneView(lanes.fromMs, lanes.toMs);
  const { view, isWhole, show, showAll, zoom, pan, reveal } = control;
  useLaneWheel(frame, control);
  const pointer = useLanePointer({ lanes, view, width, control, selected, onSelect });
  const { rows, height } = useMemo(() => layOutLanes(lanes, isNarrow), [lanes, isNarrow]);
  const selectedMark = useMemo(
    () => lanes.marks.find(({ sequence }) => sequence === selected) ?? null,
    [lanes, selected],
  );
  const [hasFocus, setHasFocus] = useState(false);

  useEffect(() => {
    const query = matchMedia(`(max-width: ${NARROW + 80}px)`);
    const follow = () => setIsNarrow(query.matches);
    follow();
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  // A selection from elsewhere comes into sight.
  useEffect(() => {
    if (selectedMark) reveal(selectedMark.atMs);
  }, [selectedMark, reveal]);

  const step = (by: number) => {
    const place = selectedMark ? lanes.marks.indexOf(selectedMark) + by : by > 0 ? 0 : lanes.marks.length - 1;
    const next = lanes.marks[Math.min(Math.max(place, 0), lanes.marks.length - 1)];
    if (next) onSelect(next.sequence);
  };
  const onKey = (event: KeyboardEvent) => {
    const around = selectedMark?.atMs;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ArrowRight') event.shiftKey ? pan(0.25) : step(1);
    else if (event.key === 'ArrowLeft') event.shiftKey ? pan(-0.25) : step(-1);
    else if (event.key === 'Home') step(-lanes.marks.length);
    else if (event.key === 'End') step(lanes.marks.length);
    else if (event.key === '+' || event.key === '=') zoom(0.5, around);
    else if (event.key === '-') zoom(2, around);
    else if (event.key === '0') showAll();
    else return;
    event.preventDefault();
  };

  const tipMarks = pointer.cluster.length > 0 ? pointer.cluster : hasFocus && selectedMark ? [selectedMark] : [];
  const tipX = pointer.x ?? (selectedMark ? ((selectedMark.atMs - view.fromMs) / (view.toMs - view.fromMs)) * width : 0);
  const selectedEvent = selectedMark ? events[selectedMark.place] : undefined;
  const tools = (
    <>
      {highlightLabel !== null && (
        <span className={styles.highlightNote}>
          {t('lanes.highlighted', { metric: highlightLabel })}
          <Button kind="quiet" size="small" icon="close" iconOnly onClick={props.onClearHighlight}>
            {t('lanes.clearHighlight')}
          </Button>
        </span>
      )}
      <Button size="small" icon="plus" iconOnly onClick={() => zoom(0.5, selectedMark?.atMs)}>
        {t('lanes.zoomIn')}
      </Button>
      <Button size="small" icon="minus" iconOnly disabled={isWhole} onClick={() => zoom(2, selectedMark?.atMs)}>
        {t('lanes.zoomOut')}
      </Button>
      <Button size="small" disabled={isWhole} onClick={showAll}>
        {t('lanes.showAll')}
      </Button>
    </>
  );
  return (
    <Panel title={t('lanes.title')} hint={props.note ?? t('lanes.hint')} actions={tools}>
      <div className={styles.body}>
        {!isNarrow && (
          <div className={styles.labels} style={{ height }}>
            {rows.map((row) => (
              <div key={row.key} className={styles.label} style={{ top: row.top, height: row.height }}>
                <RowLabel row={row} />
              </div>
            ))}
          </div>
        )}
        <div
          ref={frame}
          className={styles.frame}
          role="application"
          aria-label={`${t('lanes.label')}. ${t('lanes.keys')}`}
          tabIndex={0}
          onKeyDown={onKey}
          onFocus={(event) => setHasFocus(event.target.matches(':focus-visible'))}
          onBlur={() => setHasFocus(false)}
        >
          {isNarrow &&
            rows.map((row) => (
              <div key={row.key} className={styles.labelAbove} style={{ top: row.top - 15 }}>
                <RowLabel row={row} />
              </div>
            ))}
          {width > 0 && (
            <svg className={styles.drawing} width={width} height={height} aria-hidden="true" {...pointer.handlers}>
              <LaneDrawing {...{ lanes, rows, height, view, width, contentLength, format }} />
              {highlight && <LaneHighlight marks={lanes.marks} {...{ highlight, view, width, height }} />}
              <LaneCursor
                hovered={pointer.cluster[0] ?? null}
                selected={selectedMark}
                pointer={pointer.x}
                brush={pointer.brush}
                {...{ view, width, height }}
              />
            </svg>
          )}
          {tipMarks.length > 0 && pointer.brush === null && (
            <LaneTip marks={tipMarks} events={events} startMs={lanes.fromMs} x={tipX} width={width} format={format} />
          )}
          {width > 0 && !isWhole && <Minimap lanes={lanes} view={view} width={width} onShow={show} />}
        </div>
      </div>
      <p className="visually-hidden" role="status">
        {hasFocus && selectedMark && selectedEvent
          ? t('lanes.selected', {
              type: selectedEvent.event_type,
              at: offsetText(selectedMark.atMs - lanes.fromMs, 1, format),
            })
          : ''}
      </p>
    </Panel>
  );
}

function RowLabel({ row }: { row: LaneRow }): ReactNode {
  const { t } = useTranslation('sessions');
  const labels = useLabels();
  if (row.state !== null) return <HostileText text={labels.state(row.state)} max={24} />;
  return t(`lanes.names.${row.name}`);
}

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new ResizeObserver(() => setWidth(target.clientWidth));
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
