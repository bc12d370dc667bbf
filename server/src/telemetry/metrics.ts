// Metrics in OTLP's form, made of the page that Prometheus reads: one list of metrics, under the same names on both ways
// (OpenTelemetry, "Prometheus and OpenMetrics Compatibility"). All sums are from the start of this process.

import { keyValues, unixNano } from './otlp.ts';

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

interface Family {
  name: string;
  help: string;
  type: string;
  samples: Sample[];
}

const head = /^# (HELP|TYPE) (\S+) ?(.*)$/;
const line = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/;
const label = /([\w.]+)="((?:[^"\\]|\\.)*)"/g;

/** The metrics of a page in Prometheus' text format, as they were from `startedAt` to `at` (milliseconds since the epoch). */
export function metricsOf(page: string, startedAt: number, at: number): object[] {
  const times = { startTimeUnixNano: unixNano(startedAt), timeUnixNano: unixNano(at) };
  return familiesIn(page).flatMap((family) => {
    const data = dataOf(family, times);
    if (data === null) return [];
    return [
      {
        name: family.name,
        description: family.help,
        ...(unitOf(family.name) && { unit: unitOf(family.name) }),
        ...data,
      },
    ];
  });
}

type Times = { startTimeUnixNano: string; timeUnixNano: string };

function dataOf({ name, type, samples }: Family, times: Times): object | null {
  const isReal = samples.filter(({ value }) => Number.isFinite(value));
  const points = isReal.map(({ labels, value }) => ({ attributes: attributesOf(labels), asDouble: value, ...times }));
  if (type === 'gauge') return points.length === 0 ? null : { gauge: { dataPoints: points } };
  if (type === 'counter') {
    return points.length === 0
      ? null
      : { sum: { dataPoints: points, aggregationTemporality: cumulative, isMonotonic: true } };
  }
  if (type !== 'histogram' || samples.length === 0) return null;
  return { histogram: { dataPoints: histogramsOf(name, samples, times), aggregationTemporality: cumulative } };
}

const cumulative = 2;

/** Prometheus counts what is below each bound, OTLP what is between two of them. */
function histogramsOf(name: string, samples: readonly Sample[], times: Times): object[] {
  const byLabels = new Map<string, { labels: Record<string, string>; buckets: [number, number][]; sum: number }>();
  for (const sample of samples) {
    const { le, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    const one = byLabels.get(key) ?? { labels, buckets: [], sum: 0 };
    byLabels.set(key, one);
    if (sample.name === `${name}_bucket`) one.buckets.push([le === '+Inf' ? Infinity : Number(le), sample.value]);
    if (sample.name === `${name}_sum`) one.sum = sample.value;
  }
  return [...byLabels.values()].map(({ labels, buckets, sum }) => ({
    attributes: attributesOf(labels),
    count: String(buckets.at(-1)?.[1] ?? 0),
    sum,
    bucketCounts: buckets.map(([, below], place) => String(below - (buckets[place - 1]?.[1] ?? 0))),
    explicitBounds: buckets.slice(0, -1).map(([bound]) => bound),
    ...times,
  }));
}

function familiesIn(page: string): Family[] {
  const families = new Map<string, Family>();
  let current: Family | undefined;
  for (const text of page.split('\n')) {
    const [, what, name = '', rest = ''] = head.exec(text) ?? [];
    if (what !== undefined) {
      current = families.get(name) ?? { name, help: '', type: '', samples: [] };
      families.set(name, current);
      if (what === 'HELP') current.help = rest;
      else current.type = rest;
      continue;
    }
    const [, sample, labels = '', value = ''] = line.exec(text) ?? [];
    if (sample !== undefined) current?.samples.push({ name: sample, labels: labelsIn(labels), value: Number(value) });
  }
  return [...families.values()];
}

function labelsIn(text: string): Record<string, string> {
  const pairs = [...text.matchAll(label)].map(([, name = '', value = '']) => [name, unescaped(value)] as const);
  // A label that is empty is the same as none.
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''));
}

/** Prometheus knows text alone; a status is a number (semantic conventions, HTTP). */
function attributesOf(labels: Readonly<Record<string, string>>) {
  const { 'http.response.status_code': status, ...others } = labels;
  return keyValues(status === undefined ? others : { ...others, 'http.response.status_code': Number(status) });
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one));
}

/** UCUM, from the end of the name. */
function unitOf(name: string): string | undefined {
  if (/_seconds(_total)?$|\.duration$/.test(name)) return 's';
  return /_bytes(_total)?$/.test(name) ? 'By' : undefined;
}
