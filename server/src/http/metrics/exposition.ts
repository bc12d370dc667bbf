// Counters and histograms, and their text in Prometheus' exposition format 0.0.4. By hand: adding one is two instructions
// on the way of every call, and nothing need be loaded for it at the start. What is counted belongs to metrics.ts.

/** Something with a name that can be written down. */
export interface Metric {
  text(): string;
}

/** One number of a metric: `add` one, or what was observed. */
export interface Series {
  add(value?: number): void;
}

export interface MetricFamily extends Metric {
  /** The number for these values of the labels, in their order. It is always the same one, so that it may be kept. */
  series(...values: string[]): Series;
}

/** Counts what is added. Without labels it begins with 0, else with nothing. */
export function counter(name: string, help: string, labels: readonly string[]): MetricFamily {
  const { series, each } = cells(labels, () => {
    let sum = 0;
    const add = (value = 1) => {
      sum += value;
    };
    return { add, lines: (shown) => [line(name, shown, sum)] };
  });
  return { series, text: () => family(name, help, 'counter', each()) };
}

/** Counts what is observed by its size. `bounds` ascend; the last one, without a bound, is added. */
export function histogram(
  name: string,
  help: string,
  labels: readonly string[],
  bounds: readonly number[],
): MetricFamily {
  const { series, each } = cells(labels, () => {
    const counts = bounds.map(() => 0);
    let [sum, count] = [0, 0];
    return {
      add(value = 1) {
        let place = 0;
        while (value > (bounds[place] ?? value)) place += 1;
        if (place < bounds.length) counts[place] = (counts[place] ?? 0) + 1;
        sum += value;
        count += 1;
      },
      lines(shown) {
        let below = 0;
        const buckets = bounds.map((bound, place) => {
          below += counts[place] ?? 0;
          return line(`${name}_bucket`, [...shown, label('le', String(bound))], below);
        });
        const all = line(`${name}_bucket`, [...shown, label('le', '+Inf')], count);
        return [...buckets, all, line(`${name}_sum`, shown, sum), line(`${name}_count`, shown, count)];
      },
    };
  });
  return { series, text: () => family(name, help, 'histogram', each()) };
}

/** What is read when it is written down: a number, or one for each value of a label. */
export function reading(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  read: () => number | { label: string; values: Readonly<Record<string, number>> },
): Metric {
  const lines = () => {
    const now = read();
    if (typeof now === 'number') return [line(name, [], now)];
    return Object.entries(now.values).map(([value, amount]) => line(name, [label(now.label, value)], amount));
  };
  return { text: () => family(name, help, type, lines()) };
}

interface WrittenCell extends Series {
  lines(shown: readonly string[]): string[];
}

function cells(labels: readonly string[], create: () => WrittenCell) {
  const all = new Map<string, { values: readonly string[]; one: WrittenCell }>();
  const series = (...values: string[]): Series => {
    const key = JSON.stringify(values);
    const { one } = all.get(key) ?? { one: create() };
    all.set(key, { values, one });
    return one;
  };
  if (labels.length === 0) series();
  const each = () =>
    [...all.values()].flatMap(({ values, one }) =>
      one.lines(labels.map((name, place) => label(name, values[place] ?? ''))),
    );
  return { series, each };
}

function family(name: string, help: string, type: string, lines: readonly string[]): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((one) => `${one}\n`).join('')}`;
}

function line(name: string, shown: readonly string[], value: number): string {
  return `${name}${shown.length === 0 ? '' : `{${shown.join(',')}}`} ${value}`;
}

function label(name: string, value: string): string {
  return `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
