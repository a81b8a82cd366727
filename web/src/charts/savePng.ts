import type { ECharts } from './echarts';

export function savePng(chart: ECharts, background: string, name: string): void {
  const url = chart.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: background });
  saveAs(url, `${name}.png`);
}

/** Has the browser save what is at an address of its own making. */
export function saveAs(url: string, fileName: string): void {
  const link = document.createElement('a');
  link.href = url;
  // Names may come from players; what file systems forbid becomes a dash.
  link.download = fileName.replace(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069\\/:*?"<>|]+/g, '-').slice(-120);
  link.click();
}

export function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  saveAs(url, fileName);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
