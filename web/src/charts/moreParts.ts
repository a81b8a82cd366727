// Parts of the chart library beyond lines: bars, marks, and marking of a range.
import { BarChart } from 'echarts/charts';
import { BrushComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { use } from 'echarts/core';

use([BarChart, BrushComponent, MarkAreaComponent, MarkLineComponent]);
