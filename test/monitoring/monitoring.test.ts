// The files of examples/monitoring: Prometheus' rules and settings, the dashboard and the collector's settings can be read, and ask
// for nothing that a server does not have. Prometheus, Grafana and the collector themselves are not started.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Server } from '../../server/src/assemble.ts';
import { assembleAt, newPlace, type TestPlace } from '../assembled-server.ts';
import { readPage, sectionOf, tableIn } from '../end-to-end/docs-page.ts';
import { askedIn } from './promql.ts';

const folder = join(import.meta.dirname, '../../examples/monitoring');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { refId: string; expr: string; legendFormat: string }[];
}

const { groups } = parse(read('alerts.yaml')) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('dashboard.json')) as {
  uid: string;
  schemaVersion: number;
  panels: Panel[];
  templating: { list: { name: string; query: string | { query: string } }[] };
};
const targets = dashboard.panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target })));
/** As Grafana fills them in. */
const filled = (expression: string) =>
  expression.replaceAll('$__rate_interval', '1m').replaceAll('$instance', 'a.example');
const expressions = [
  ...rules.map(({ alert, expr }) => ({ where: alert, expression: expr })),
  ...targets.map(({ title, expr }) => ({ where: title, expression: filled(expr) })),
];

/** Metrics of docs/metrics.md, with their labels. */
const documented = new Map(
  tableIn(sectionOf(readPage('docs/metrics.md'), '## What there is')).map(([name = '', labels = '', says = '']) => [
    name,
    { labels: labels.split(/[`, ]+/).filter((label) => label !== ''), isHistogram: says.includes('histogram') },
  ]),
);
const added = ['instance', 'job', 'worker', 'le'];

let place: TestPlace;
let server: Server;
let page: string;

beforeAll(async () => {
  place = await newPlace();
  server = await assembleAt({ place });
  const url = await server.listen();
  page = await (await fetch(`${url}/metrics`)).text();
});
afterAll(async () => {
  await server?.close();
  place?.remove();
});

/** The metric of a series: a histogram has three. */
function familyOf(name: string): string {
  const family = name.replace(/_(bucket|sum|count)$/, '');
  return new RegExp(`^# TYPE ${family} histogram$`, 'm').test(page) ? family : name;
}

describe.each(expressions)('$where', ({ expression }) => {
  test('is PromQL, and asks for metrics that a server has and docs/metrics.md explains', () => {
    const { metrics, labels, faults } = askedIn(expression);
    expect(faults).toEqual([]);
    expect(metrics.length).toBeGreaterThan(0);
    for (const name of metrics.filter((one) => one !== 'up')) {
      const family = familyOf(name);
      expect(page).toContain(`# TYPE ${family} `);
      if (!family.startsWith('keyward_')) continue;
      expect([family, documented.has(family)]).toEqual([family, true]);
    }
    const known = [...metrics.flatMap((name) => documented.get(familyOf(name))?.labels ?? []), ...added];
    expect(labels.filter((label) => !known.includes(label))).toEqual([]);
  });
});

test('each metric of docs/metrics.md is on the page of a server, and each of the server’s own is in the docs', () => {
  const own = [...page.matchAll(/^# TYPE (keyward_\S+) /gm)].map(([, name = '']) => name);
  expect([...documented.keys()].sort()).toEqual(own.sort());
});

test('the grammar would notice an expression that is none', () => {
  expect(askedIn('sum(rate(keyward_verdicts_total[5m])').faults).not.toEqual([]);
  expect(askedIn('rate(a_total[5 minutes])').faults).not.toEqual([]);
  expect(askedIn('sum by (le) (rate(a_bucket{way="check"}[5m])) > 1')).toEqual({
    metrics: ['a_bucket'],
    labels: ['le', 'way'],
    faults: [],
  });
});

test('each alert says how urgent it is, what is wrong and what to do', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, labels, annotations, for: lasts = '0s', ...others } of rules) {
    expect([alert, Object.keys(others)]).toEqual([alert, ['expr']]);
    expect([alert, ['page', 'ticket']]).toEqual([alert, expect.arrayContaining([labels.severity])]);
    expect([alert, Object.keys(annotations)]).toEqual([alert, ['summary', 'description']]);
    expect([alert, lasts]).toEqual([alert, expect.stringMatching(/^\d+[sm]$/)]);
  }
});

test('what docs/metrics.md tells to watch has an alert', () => {
  const watched = tableIn(sectionOf(readPage('docs/metrics.md'), '## What to watch')).map(([when = '']) => when);
  const alerted = new Set(rules.flatMap(({ expr }) => askedIn(expr).metrics));
  const names = watched.flatMap((when) => when.match(/keyward_\w+/g) ?? []);
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !alerted.has(name))).toEqual([]);
});

test('the dashboard’s panels have room, and its variables are those that they use', () => {
  expect(dashboard).toMatchObject({ uid: 'keyward', schemaVersion: expect.any(Number) });
  const cells = new Set<string>();
  for (const { gridPos } of dashboard.panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      const cell = `${x}/${gridPos.y}`;
      expect([cell, cells.has(cell)]).toEqual([cell, false]);
      cells.add(cell);
    }
  }
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  const used = [...JSON.stringify(dashboard).matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name);
  expect([...new Set(used)].sort()).toEqual(dashboard.templating.list.map(({ name }) => name).sort());
});

test('Prometheus finds the alerts beside its settings, and asks with a token', () => {
  const settings = parse(read('prometheus.yaml'));
  expect(settings.rule_files).toEqual(['alerts.yaml']);
  expect(settings.scrape_configs).toMatchObject([
    { job_name: 'keyward', scheme: 'https', authorization: { credentials_file: expect.any(String) } },
  ]);
});

test('the collector takes OTLP over HTTP, and each of its pipelines is made of parts that are there', () => {
  const { receivers, processors, exporters, service } = parse(read('collector.yaml'));
  expect(receivers.otlp.protocols).toEqual({ http: { endpoint: '127.0.0.1:4318' } });
  expect(Object.keys(service.pipelines)).toEqual(['traces', 'metrics']);
  const there = { receivers, processors, exporters };
  for (const pipeline of Object.values<Record<string, string[]>>(service.pipelines)) {
    for (const [kind, parts] of Object.entries(there)) {
      for (const name of pipeline[kind] ?? ['none']) expect(Object.keys(parts)).toContain(name);
    }
  }
});
