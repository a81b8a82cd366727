import { textForChart } from '../components/text/clipText';
import { saveBlob } from '../components/saveFile';
import type { ChartTheme } from './chartTheme';
import type { ECharts } from './echarts';
import type { LegendItem } from './Legend';

/** What a picture says beside the drawing, since it is seen without its page. */
export interface PictureWords {
  title: string;
  /** The range with its zone, the filters, and when it was made. */
  lines: readonly string[];
  legend: readonly LegendItem[];
}

const SCALE = 2;
const EDGE = 16;
const TITLE = 16;
const SMALL = 12;
const LINE = 18;
const KEY = 26;
const GAP = 14;

/** Saves a chart with its title, what it is about and its legend; it ends with what was saved. */
export async function savePng(chart: ECharts, theme: ChartTheme, words: PictureWords, name: string): Promise<void> {
  const canvas = picture(chart, theme, words);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob) saveBlob(blob, `${name}.png`);
}

function picture(chart: ECharts, theme: ChartTheme, words: PictureWords): HTMLCanvasElement {
  const drawing = chart.renderToCanvas({ pixelRatio: SCALE, backgroundColor: theme.surface });
  const width = Math.max(drawing.width / SCALE + 2 * EDGE, 320);
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  if (!pen) return drawing;
  const room = width - 2 * EDGE;
  pen.font = fontOf(theme, TITLE, true);
  const title = wrapped(pen, textForChart(words.title, 200), room, 2);
  pen.font = fontOf(theme, SMALL);
  const lines = words.lines.flatMap((line) => wrapped(pen, line, room, 3));
  const rows = legendRows(pen, words.legend, room);
  const top = EDGE + title.length * (TITLE + 6) + lines.length * LINE + (rows.length > 0 ? rows.length * LINE + 8 : 0) + 8;
  canvas.width = width * SCALE;
  canvas.height = top * SCALE + drawing.height + EDGE * SCALE;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = theme.surface;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.textBaseline = 'top';
  let y = EDGE;
  pen.font = fontOf(theme, TITLE, true);
  pen.fillStyle = theme.text;
  for (const line of title) {
    pen.fillText(line, EDGE, y);
    y += TITLE + 6;
  }
  pen.font = fontOf(theme, SMALL);
  pen.fillStyle = theme.textSoft;
  for (const line of lines) {
    pen.fillText(line, EDGE, y);
    y += LINE;
  }
  drawLegend(pen, rows, y + 8, theme);
  pen.drawImage(drawing, EDGE, top, drawing.width / SCALE, drawing.height / SCALE);
  return canvas;
}

const fontOf = (theme: ChartTheme, size: number, isBold = false) => `${isBold ? '600 ' : ''}${size}px ${theme.font}`;

/** A text in lines of some width, cut at spaces where there are some; the last says that it was cut. */
function wrapped(pen: CanvasRenderingContext2D, text: string, room: number, most: number): string[] {
  const fits = (line: string) => pen.measureText(line).width <= room;
  const lines: string[] = [''];
  for (const word of text.split(/(?<=\s)|(?=[\u3000-\u9fff\uff00-\uffef])/u)) {
    const last = lines.at(-1) ?? '';
    if (last === '' || fits(last + word)) lines[lines.length - 1] = last + word;
    else lines.push(word);
  }
  const kept = lines.slice(0, most);
  if (lines.length > most) kept[most - 1] = `${kept[most - 1] ?? ''}…`;
  return kept.map((line) => {
    let shown = Array.from(line);
    while (shown.length > 1 && !fits(shown.join(''))) shown = [...shown.slice(0, -2), '…'];
    return shown.join('');
  });
}

interface LegendRow {
  item: LegendItem;
  name: string;
  x: number;
}

function legendRows(pen: CanvasRenderingContext2D, items: readonly LegendItem[], room: number): LegendRow[][] {
  const rows: LegendRow[][] = [];
  let x = room;
  for (const item of items.length > 1 ? items : []) {
    const name = textForChart(item.name, 48);
    const width = KEY + pen.measureText(name).width + GAP;
    if (x + width > room) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ item, name, x });
    x += width;
  }
  return rows;
}

function drawLegend(pen: CanvasRenderingContext2D, rows: readonly LegendRow[][], top: number, theme: ChartTheme): void {
  rows.forEach((row, place) => {
    for (const { item, name, x } of row) {
      const [left, y] = [EDGE + x, top + place * LINE];
      const { color, isFaint } = colorOf(item.color, theme);
      pen.save();
      pen.globalAlpha = isFaint ? 0.4 : 1;
      pen.strokeStyle = color;
      pen.fillStyle = color;
      pen.lineWidth = item.isDashed ? 1.5 : 2.5;
      pen.setLineDash(item.isDashed ? [4, 4] : []);
      pen.beginPath();
      pen.moveTo(left, y + 7);
      pen.lineTo(left + 20, y + 7);
      pen.stroke();
      if (item.shape && !item.isDashed) {
        pen.translate(left + 5, y + 2);
        pen.fill(new Path2D(item.shape));
      }
      pen.restore();
      pen.fillStyle = theme.text;
      pen.fillText(name, left + KEY, y);
    }
  });
}

/** A colour of style sheets (`seriesColor`, also mixed with nothing) as a canvas needs it. */
function colorOf(color: string, theme: ChartTheme): { color: string; isFaint: boolean } {
  const place = /--chart-(\d+)/.exec(color)?.[1];
  const known = place === undefined ? undefined : theme.palette[Number(place) - 1];
  return { color: known ?? (color.startsWith('#') ? color : theme.accent), isFaint: color.includes('color-mix') };
}
