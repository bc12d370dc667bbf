// A chart of counts over time, drawn by uPlot, with the same numbers as a table for who cannot see it or would rather
// read. It draws what it is given and asks for nothing.

import { Button, Table, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import { partWords } from '../words/parts.ts';
import { Loading } from './states.tsx';
import classes from './usage-chart.module.css';
import { shortTime } from './when.tsx';

const words = partWords.chart;

export interface ChartSeries {
  label: string;
  /** One of the theme's colours. */
  color: 'indigo' | 'teal' | 'red' | 'orange' | 'gray' | 'grape' | 'cyan';
  /** One for each of `times`. */
  counts: readonly number[];
}

export interface UsageChartProps {
  /** What is shown, for screen readers. */
  label: string;
  /** RFC 3339, rising. */
  times: readonly string[];
  series: readonly ChartSeries[];
  height?: number;
}

export function UsageChart({ label, times, series, height = 220 }: UsageChartProps) {
  const [isTable, setTable] = useState(false);
  if (times.length === 0) return <div className={classes.empty}>{words.empty}</div>;
  return (
    <figure className={classes.figure} aria-label={label}>
      <div className={classes.head}>
        <ul className={classes.legend}>
          {series.map(({ label: name, color }) => (
            <li key={name} className={classes.key} data-color={color}>
              {name}
            </li>
          ))}
        </ul>
        <Button variant="subtle" size="compact-sm" onClick={() => setTable(!isTable)}>
          {isTable ? words.asChart : words.asTable}
        </Button>
      </div>
      {isTable ? (
        <Numbers label={label} times={times} series={series} height={height} />
      ) : (
        <Drawing times={times} series={series} height={height} />
      )}
    </figure>
  );
}

function Numbers({ label, times, series, height }: Required<UsageChartProps>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className={classes.numbers} style={{ maxHeight: height + 60 }} tabIndex={0} aria-label={label}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.at}</Table.Th>
            {series.map(({ label: name }) => (
              <Table.Th key={name} ta="right">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {times.map((at, index) => (
            <Table.Tr key={at}>
              <Table.Td>{shortTime(at)}</Table.Td>
              {series.map(({ label: name, counts }) => (
                <Table.Td key={name} ta="right">
                  {(counts[index] ?? 0).toLocaleString()}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Drawing({ times, series, height }: Required<Omit<UsageChartProps, 'label'>>) {
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  const [Plot, setPlot] = useState<typeof uPlot | null>(null);
  useEffect(() => {
    void import('./plot.ts').then((loaded) => setPlot(() => loaded.Plot));
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: light and dark have other colours.
  useEffect(() => {
    if (Plot === null || place.current === null || width === 0) return;
    const data = [times.map((at) => Date.parse(at) / 1000), ...series.map(({ counts }) => [...counts])];
    const plot = new Plot(optionsFor(Plot, series, width, height), data as uPlot.AlignedData, place.current);
    return () => plot.destroy();
  }, [Plot, width, height, times, series, scheme]);
  return (
    <div ref={ref} style={{ height }} aria-hidden>
      {Plot === null && <Loading rows={1} height={height} />}
      <div ref={place} />
    </div>
  );
}

function optionsFor(Plot: typeof uPlot, series: readonly ChartSeries[], width: number, height: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const stroke = () => colour('--mantine-color-dimmed');
  const grid = { stroke: () => colour('--kw-line'), width: 1 };
  const bars = Plot.paths.bars?.({ size: [0.7, 40], radius: 0.15 });
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: false } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 4)] } },
    axes: [
      { stroke, grid: { show: false }, ticks: grid, font: '12px system-ui' },
      { stroke, grid, ticks: { show: false }, font: '12px system-ui', size: 48 },
    ],
    series: [
      {},
      ...series.map(({ label, color }) => ({
        label,
        stroke: colour(`--mantine-color-${color}-6`),
        fill: colour(`--mantine-color-${color}-6`),
        ...(bars !== undefined && series.length === 1 && { paths: bars }),
        ...(series.length > 1 && { fill: undefined, width: 2 }),
        points: { show: false },
      })),
    ],
  };
}
