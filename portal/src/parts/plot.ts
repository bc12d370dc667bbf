// uPlot and its styles, in a file of their own so that only pages with a chart load them.

import 'uplot/dist/uPlot.min.css';
import Plot from 'uplot';

export { Plot };
