// What one core does, and what a thousand times as much would need: arithmetic over RESULTS.md, printed as the tables of
// docs/scaling.md. It measures nothing. `node bench/scaling.ts --write` puts them into the page.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const results = readFileSync(join(root, 'bench', 'RESULTS.md'), 'utf8');
export const pagePath = join(root, 'docs', 'scaling.md');
const times = 1000;
const notMeasured = 'not measured yet';

/** The cells of a row of RESULTS.md; undefined if it is not there. */
function cellsOf(figure: string, work: string): string[] | undefined {
  const section = results.split(/^## /m).find((one) => one.startsWith(`${figure}: `));
  const line = section?.split('\n').find((one) => one.startsWith(`| ${work} |`));
  return line?.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
}

/** One of the costs in the last column, in its own unit. */
function costOf(figure: string, work: string, name: string): number {
  const cost = cellsOf(figure, work)
    ?.at(-1)
    ?.split('; ')
    .find((one) => one.startsWith(`${name} `));
  const value = Number.parseFloat(cost?.slice(name.length + 1) ?? '');
  if (Number.isNaN(value)) throw new Error(`RESULTS.md has no "${name}" in ${figure}, "${work}".`);
  return value;
}

function medianOf(figure: string, work: string): string {
  return cellsOf(figure, work)?.[1] ?? notMeasured;
}

const count = (value: number) => Number(value.toPrecision(2)).toLocaleString('en-US');

/** Both tables, as they stand in the page. */
export function tables(): { measured: string; calculated: string } {
  const check = 1e6 / costOf('P1', 'bare GET / `GET /v1/check`', 'check');
  const exchange = 1e6 / costOf('P5', '(bare POST + ES256) / exchange, `POST /v1/access-tokens`', 'exchange');
  const create = 1e6 / costOf('P7', 'bare POST / `POST /v1/tokens`', 'create');
  const inProcess = 1e9 / costOf('P3', 'seen before / `Map.get`', 'seen before');
  const organizationBytes = Number.parseFloat(medianOf('P17', 'memory per organization in it'));
  const wanted = times * check;
  const leases = 10_000;
  const measured = [
    '| what | on one core | from |',
    '| --- | --- | --- |',
    `| checks over HTTP | ${count(check)} a second | P1 |`,
    `| exchanges for an access token, ES256 | ${count(exchange)} a second | P5 |`,
    `| changes, durable on SQLite, with their journal entries | ${count(create)} a second | P7 |`,
    `| checks in process, of tokens seen before | ${count(inProcess)} a second | P3 |`,
    `| checks with 2 workers / with 1 | ${medianOf('P16', 'checks a second with 2 workers / with 1')} | P16 |`,
    `| a change to 10,000 followers, p99 | ${medianOf('P18', 'a change to 10000 followers, p99')} | P18 |`,
    `| memory per follower | ${medianOf('P18', 'memory per follower')} | P18 |`,
  ];
  const calculated = [
    `| part | at ${times.toLocaleString('en-US')} times one core's checks | gives way when |`,
    '| --- | --- | --- |',
    `| checks over HTTP | ${count(wanted)} a second: ${times.toLocaleString('en-US')} cores | long before: check in process |`,
    `| verifiers in process | ${count(wanted / inProcess)} cores in all, spread over the services themselves | a service has no core to spare |`,
    `| leases | ${count((leases * organizationBytes) / 1e6)} MB in each verifier that has ${leases.toLocaleString('en-US')} organizations in use | a verifier meets far more organizations: deal them out by organization |`,
    `| feed fan-out | ${count(wanted / 10_000)} checks a second for each of 10,000 followers of one node | a change takes too long to reach them (P18): add nodes |`,
    `| the journal | nothing: a check writes no entry | ${count(create)} changes a second, the CPU of its one writer |`,
  ];
  return { measured: measured.join('\n'), calculated: calculated.join('\n') };
}

/** The page with these tables in place of its own. */
export function withTables(page: string): string {
  const { measured, calculated } = tables();
  const place = (text: string, name: string, table: string) =>
    text.replace(
      new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- end -->)`),
      (_, begin: string, end: string) => `${begin}\n${table}\n\n${end}`,
    );
  return place(place(page, 'measured', measured), 'calculated', calculated);
}

if (process.argv[1] === import.meta.filename) {
  const page = withTables(readFileSync(pagePath, 'utf8'));
  if (process.argv.includes('--write')) writeFileSync(pagePath, page);
  else process.stdout.write(`${tables().measured}\n\n${tables().calculated}\n`);
}
