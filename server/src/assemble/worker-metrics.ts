// The metrics of all workers on one page, whichever of them is asked.

import { type Metrics, ofAllWorkers } from '../http/metrics/metrics.ts';
import type { WorkerLink } from '../workers/link.ts';

export function metricsOfWorkers(metrics: Metrics, { place, others, onQuestion }: WorkerLink): Metrics {
  onQuestion(() => metrics.text());
  return ofAllWorkers(metrics, place.number, async () => {
    const pages = await others('metrics');
    return pages.map(({ worker, said }) => ({ worker, text: said }));
  });
}
