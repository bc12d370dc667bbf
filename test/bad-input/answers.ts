// What an answer to a bad request must be in each language, and what of it must be alike on both databases.

import type { DialectName } from '../../server/src/dialects/dialect.ts';
import { describedApi } from '../openapi/described.ts';
import { canary } from './headers.ts';
import type { Reply } from './http-client.ts';
import type { BadRequest } from './requests.ts';

const described = await describedApi();

/** What is wrong with an answer; empty if nothing is. */
export function faultsOf({ endpoint, refused, call }: BadRequest, reply: Reply): string[] {
  const { status, headers, body } = reply;
  const faults: string[] = [];
  if (status < 200 || (status >= 300 && status < 400) || (status >= 500 && !isAhead(body)))
    faults.push(`answered ${status}`);
  if (refused && status < 400) faults.push(`answered ${status} where only a 4xx may come`);
  const undeclared = described.fault(call.method, pathOf(call.target), status);
  if (undeclared !== undefined) faults.push(undeclared);
  if (headers.has('location')) faults.push('redirects');
  if (status === 401 && !headers.has('www-authenticate')) faults.push('401 without a challenge');
  // What a guarded API is sent it may repeat; here it echoes everything.
  if (!(endpoint.guarded && status < 300) && body.includes(canary)) faults.push('repeats a secret');
  const inside = /\bat .+\.(?:ts|js):\d|node_modules|SQLITE|sqlite|postgres|syntax error|\/(?:tmp|work|home)\//;
  if (status >= 400 && inside.test(body)) faults.push('tells of its inside');
  if (status >= 400 && body !== '' && !isForPeople(endpoint, reply) && !isSpoken(reply, endpoint.dialect))
    faults.push('does not speak its dialect');
  return faults;
}

/** As the router sees it: a proxy's form has the origin in front. */
function pathOf(target: string): string {
  return target.replace(/^https?:\/\/[^/?]*/i, '');
}

/** Whoever has heard of more than this server has waits for it to come back: after a failover that lost commits. */
function isAhead(body: string): boolean {
  return body.includes('The journal does not go as far as that cursor.');
}

/** The part of an answer that must not depend on the database, with its ids, secrets and addresses made alike. */
export function comparable({ call, endpoint }: BadRequest, { status, headers, body }: Reply): string {
  const isJson = headers.get('content-type')?.includes('json') === true && body !== '';
  const list = call.method === 'GET' && status === 200 && isJson ? listIn(JSON.parse(body)) : undefined;
  const shown = [
    status,
    ...['content-type', 'www-authenticate', 'allow'].map((name) => masked(headers.get(name) ?? '-')),
  ];
  if (status === 200 && endpoint.changing) return shown.join(' | ');
  return [...shown, list ?? masked(body)].join(' | ');
}

const plainProblem = /^\{"type":"about:blank","title":"[A-Za-z ]+","status":4\d\d\}$/;

/** The members that every error of a language has. */
const membersOf: Record<DialectName, readonly string[]> = {
  native: ['type', 'title', 'status', 'detail'],
  oauth2: ['error', 'error_description'],
  debricked: ['code', 'message'],
  parsers: ['error', 'message'],
  versio: ['status', 'message', 'details'],
  bluebricks: ['statusCode', 'message', 'error'],
  rebelcore: ['detail'],
};

/** A browser comes there, and whoever is in front of it is told in a page. */
function isForPeople({ route }: BadRequest['endpoint'], { headers }: Reply): boolean {
  return /^GET (?:\/app)?\/oauth\/authorize$/.test(route) && headers.get('content-type') === 'text/html; charset=utf-8';
}

/** In the endpoint's own words; or, where a target names another or none at all, in the words of whose it is. */
function isSpoken({ headers, body }: Reply, dialect: DialectName): boolean {
  const isProblem = headers.get('content-type') === 'application/problem+json';
  // Said before it is known what was asked (listener.ts).
  if (isProblem && plainProblem.test(body)) return true;
  const speaks = (name: DialectName) => {
    if (isProblem !== (name === 'native')) return false;
    const told = JSON.parse(body) as Record<string, unknown>;
    return membersOf[name].every((member) => member in told) && (!isProblem || isOurProblem(told.type));
  };
  return speaks(dialect) || speaks('native') || speaks('versio') || speaks('bluebricks');
}

function isOurProblem(type: unknown): boolean {
  // The other is registered, and means a spent budget.
  return typeof type === 'string' && /^http.*\/problems\/\w+$|^https:.*#quota-exceeded$/.test(type);
}

/** How many items of what members an answer lists, since ids decide which come first; undefined if it is no list. */
function listIn(answer: unknown): string | undefined {
  const { items, list, keys, total } = (Array.isArray(answer) ? { items: answer } : answer) as Record<string, unknown>;
  const all = (items ?? list ?? keys) as Record<string, unknown>[] | undefined;
  if (all === undefined) return undefined;
  return JSON.stringify([total, all.length, [...new Set(all.flatMap((one) => Object.keys(one)))].toSorted()]);
}

function masked(body: string): string {
  return (
    body
      // Of holders as of lists: ids decide which come first.
      .replace(/"first":\[[^\]]*\]/g, '"first":[]')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '#id')
      .replace(/[a-z][a-z0-9]{1,9}_[0-9A-Za-z]{22}_[0-9A-Za-z]{36}/g, '#token')
      .replace(/#[0-9A-Za-z]{43}/g, '#link')
      .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, '#jwt')
      .replace(/AT1[\w-]{40,}/g, '#sealed')
      .replace(/whsec_[\w+/=]{32,}/g, '#signing')
      .replace(/"(kid|x|y|n|password|next)":"[\w.=-]{16,}"/g, '"$1":"#"')
      .replace(/^[\da-f]+\r\nevent: hello\n.*"cursor":\d+.*$/s, '#feed')
      .replace(/"(start|lastFour)":"\w+"/g, '"$1":"#"')
      .replace(/"(tokenId|userId|number)":\d+/g, '"$1":0')
      .replace(/"database":"\w+"/g, '"database":"#"')
      .replace(/127\.0\.0\.1:\d+/g, '#host')
  );
}
