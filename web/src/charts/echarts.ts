// The chart library comes in here, when the first chart is shown, with what the Live page needs: lines. All else is in
// moreParts.ts, so that the first page does not wait for it.
import { LineChart, type BarSeriesOption, type LineSeriesOption } from 'echarts/charts';
import {
  AxisPointerComponent,
  GridComponent,
  type BrushComponentOption,
  type GridComponentOption,
} from 'echarts/components';
import { init, use, type ComposeOption, type ECharts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([LineChart, AxisPointerComponent, GridComponent, CanvasRenderer]);

export { init };
export type { ECharts };
export type ChartOption = ComposeOption<
  BarSeriesOption | LineSeriesOption | BrushComponentOption | GridComponentOption
>;
