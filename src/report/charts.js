import { init, use } from 'echarts/core';
import { BarChart, LineChart, ScatterChart, ParallelChart, HeatmapChart, CustomChart } from 'echarts/charts';
import { GridComponent, TooltipComponent, VisualMapComponent, ParallelComponent, DataZoomComponent, LegendComponent, BrushComponent } from 'echarts/components';
import { CanvasRenderer } from 'echarts/renderers';
use([BarChart, LineChart, ScatterChart, ParallelChart, HeatmapChart, CustomChart, GridComponent, TooltipComponent, VisualMapComponent, ParallelComponent, DataZoomComponent, LegendComponent, CanvasRenderer]);
export { init };
