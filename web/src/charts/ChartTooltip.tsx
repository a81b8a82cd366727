import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { classNames } from '../components/classNames';
import type { ChartPlace } from './Chart';
import styles from './ChartTooltip.module.css';
import type { ECharts } from './echarts';

export interface TooltipRow {
  color?: string;
  isDashed?: boolean;
  name: string;
  value: string;
}

export interface TooltipContent {
  title: string;
  rows: TooltipRow[];
  note?: string;
}

interface Pointed {
  left: number;
  top: number;
  content: TooltipContent;
}

interface TooltipProps {
  chart: ECharts;
  content: (place: ChartPlace) => TooltipContent | null;
}

/** The tip beside the pointer. Made of elements, so that texts are nothing but text. */
export function ChartTooltip({ chart, content }: TooltipProps): ReactNode {
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const element = useRef<HTMLDivElement>(null);
  const contentOf = useRef(content);
  useEffect(() => {
    contentOf.current = content;
  });

  useEffect(() => {
    const renderer = chart.getZr();
    const point = ({ offsetX, offsetY }: { offsetX: number; offsetY: number }) => {
      const pixel = [offsetX, offsetY];
      if (!chart.containPixel({ gridIndex: 0 }, pixel)) return setPointed(null);
      const [x, y] = chart.convertFromPixel({ gridIndex: 0 }, pixel) as number[];
      const found = contentOf.current({ x: x ?? 0, y: y ?? 0 });
      return setPointed(found && { left: offsetX, top: offsetY, content: found });
    };
    const leave = () => setPointed(null);
    renderer.on('mousemove', point);
    renderer.on('globalout', leave);
    return () => {
      if (chart.isDisposed()) return;
      renderer.off('mousemove', point);
      renderer.off('globalout', leave);
    };
  }, [chart]);

  useLayoutEffect(() => {
    const tip = element.current;
    if (!tip || !pointed) return;
    const width = chart.getWidth();
    const fitsRight = pointed.left + 16 + tip.offsetWidth <= width;
    const left = fitsRight ? pointed.left + 14 : Math.max(0, pointed.left - tip.offsetWidth - 14);
    const top = Math.min(pointed.top + 12, Math.max(0, chart.getHeight() - tip.offsetHeight));
    tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }, [pointed, chart]);

  if (!pointed) return null;
  return (
    <div ref={element} className={styles.tip} aria-hidden="true">
      <p className={styles.title}>{pointed.content.title}</p>
      {pointed.content.rows.map((row, place) => (
        <div key={place} className={styles.row}>
          {row.color && (
            <span
              className={classNames(styles.mark, row.isDashed && styles.dashed)}
              style={{ color: row.color }}
            />
          )}
          <bdi className={styles.name}>{row.name}</bdi>
          <span className={styles.value}>{row.value}</span>
        </div>
      ))}
      {pointed.content.note && <p className={styles.note}>{pointed.content.note}</p>}
    </div>
  );
}
