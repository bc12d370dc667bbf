// What the server tells of itself to who is signed in: what it believes of proxies, how far verifiers are behind, how the
// journal's chain stands, whether the plans are there. What the caller may not see is skipped, and said.

import type { ChainStatus, Connection, PlanList, ServerSettings, VerifierList } from '@keyward/sdk/wire';
import type { Client } from '../client/client.ts';
import { codeOf } from '../client/problem.ts';
import { isLoopback } from './address.ts';
import { type Finding, failureOf, findingsOf } from './finding.ts';

/** An address of documentation (RFC 5737), from which nobody calls. */
const nobody = '192.0.2.1';

/** Every look through the API. */
export async function* lookThroughApi(client: Client): AsyncGenerator<Finding> {
  const { ok } = findingsOf('credential');
  const self = await callerAt(client);
  if ('check' in self) {
    yield self;
    return;
  }
  yield ok(`${client.who} is ${self.name} of ${self.organization.name}`);
  yield* await proxies(client);
  yield* await verifiers(client);
  yield* await chain(client);
  yield* await plans(client);
}

interface Self {
  name: string;
  organization: { name: string };
}

/** Whose the credential is, or why nobody says. */
async function callerAt(client: Client): Promise<Self | Finding> {
  const { skipped } = findingsOf('credential');
  try {
    const response = await client.send('GET', '/v1/self');
    if (response.ok) return (await response.json()) as Self;
    const problem = (await response.json().catch(() => null)) as Parameters<typeof codeOf>[0] & { detail?: string };
    if (codeOf(problem) === 'insecure_transport') return insecure(client);
    if (response.status === 401) return skipped(`${client.where} did not take ${client.who}`, client.signIn);
    return skipped(problem?.detail ?? `${client.where}/v1/self answers ${response.status}`);
  } catch (error) {
    // Where the address has been found wanting, this says no more than that.
    return { ...failureOf('credential', error), status: 'skipped' };
  }
}

/** The server took a call for one that came in clear, and so it takes every credential. */
function insecure({ where }: Client): Finding {
  if (where.startsWith('http:'))
    return findingsOf('credential').problem(`${where} takes no credential without HTTPS`, 'Use its https address.');
  const text = 'calls come over HTTPS, and the server takes them for plain HTTP: it refuses every credential';
  const mend = 'Name the proxy in trustedProxies, and have it set X-Forwarded-Proto, as in examples/proxies.';
  return findingsOf('proxy').problem(text, mend);
}

async function proxies(client: Client): Promise<Finding[]> {
  const { ok, warning, problem, skipped } = findingsOf('proxy');
  const seen = await read<Connection>(client, '/v1/connection');
  if (typeof seen === 'string') return [skipped(seen)];
  const { host, protocol } = new URL(client.where);
  const { address, secure, peer, peerIsTrusted, headers } = seen;
  const findings: Finding[] = [];
  if (peer === undefined || headers === undefined) return [skipped('only the operator is told of proxies')];
  const says = headers['x-forwarded-for'] ?? headers.forwarded;
  const scheme = headers['x-forwarded-proto'] ?? headers.forwarded;
  if (peerIsTrusted !== true) {
    if (says === null && (secure || protocol === 'http:'))
      findings.push(ok(`none in between: calls come from ${address}`));
    else {
      const text = `a proxy at ${peer} speaks for clients and is not believed: all its clients count as one address`;
      findings.push(problem(text, `If it is yours, name it in the settings: trustedProxies: [${peer}]`));
    }
  } else if (says === null && !isLoopback(new URL(client.where).hostname)) {
    const text = `the proxy at ${peer} is trusted and does not say for whom it speaks`;
    findings.push(problem(text, 'Have it set X-Forwarded-For, as in examples/proxies.'));
  } else if (protocol === 'https:' && !secure) {
    const text = `the proxy at ${peer} does not say that the call came over HTTPS${scheme === null ? '' : `: ${scheme}`}`;
    findings.push(problem(text, 'Have it set X-Forwarded-Proto to the scheme of the call, as in examples/proxies.'));
  } else findings.push(ok(`${peer} is trusted, and says that this call comes from ${address}`));
  if (seen.host !== null && seen.host !== host) {
    const text = `the server is asked for ${seen.host}, and not for ${host}`;
    findings.push(warning(text, 'Have the proxy pass on Host as it came (nginx: proxy_set_header Host $host;).'));
  }
  return [...findings, ...(await forged(client))];
}

/** Whether who calls through the proxy may choose the address that it is taken for. */
async function forged(client: Client): Promise<Finding[]> {
  // Asked from where the proxy is, the caller is who is believed.
  if (isLoopback(new URL(client.where).hostname)) return [];
  const seen = await read<Connection>(client, '/v1/connection', { 'x-forwarded-for': nobody });
  if (typeof seen === 'string' || seen.address !== nobody) return [];
  const text = 'whoever calls may claim any address: the proxy passes on an X-Forwarded-For that came with the call';
  const mend =
    'Have it add the address that it sees to the end (nginx: $proxy_add_x_forwarded_for), or trust it no more.';
  return [findingsOf('proxy').problem(text, mend)];
}

async function verifiers(client: Client): Promise<Finding[]> {
  const { ok, warning, skipped } = findingsOf('verifiers');
  const list = await read<VerifierList>(client, '/v1/verifiers');
  if (typeof list === 'string') return [skipped(list)];
  const late = list.items.filter(({ lagMs, disconnectedAt }) => disconnectedAt === null && lagMs > lateMs);
  const away = list.items.filter(({ disconnectedAt }) => disconnectedAt !== null);
  const findings = [
    ...late.map(({ name, lagMs }) =>
      warning(`${name} is ${lagMs} ms behind the journal`, 'Look at its load, and at what is between it and Keyward.'),
    ),
    ...away.map(({ name, disconnectedAt }) =>
      warning(
        `${name} has not been there since ${disconnectedAt}`,
        'If it was stopped for good, this passes by itself.',
      ),
    ),
  ];
  const here = list.items.length - away.length;
  return findings.length > 0
    ? findings
    : [ok(here === 0 ? 'none follows the feed' : `${here} follow the feed, none late`)];
}

/** What is promised of a revocation. */
const lateMs = 1_000;

async function chain(client: Client): Promise<Finding[]> {
  const { ok, problem, skipped } = findingsOf('journal');
  const state = await read<ChainStatus>(client, '/v1/journal/chain');
  if (typeof state === 'string') return [skipped(state)];
  const { intact, checkedTo } = state;
  if (intact === null) return [skipped(`its chain is being checked, up to entry ${checkedTo} so far`)];
  if (intact) return [ok(`its chain is intact, checked up to entry ${checkedTo}`)];
  const mend = 'Keep the database as it is, and compare it with a backup: someone changed it by hand.';
  return [problem(`its chain is broken after entry ${checkedTo}`, mend)];
}

async function plans(client: Client): Promise<Finding[]> {
  const { ok, problem, skipped } = findingsOf('plans');
  const [list, settings] = [
    await read<PlanList>(client, '/v1/plans'),
    await read<ServerSettings>(client, '/v1/settings'),
  ];
  if (typeof list === 'string') return [skipped(list)];
  if (typeof settings === 'string') return [skipped(settings)];
  const { defaultPlan } = settings;
  if (defaultPlan === undefined) return [skipped('only the operator is told which one is the default')];
  if (list.items.some(({ id }) => id === defaultPlan))
    return [ok(`${list.items.length}, the default ${defaultPlan} among them`)];
  const mend = `Make it (keyward plans create ${defaultPlan} …), or name another in the setting defaultPlan.`;
  return [problem(`new organizations get the plan ${defaultPlan}, which is not there`, mend)];
}

/** The answer, or why there is none. */
async function read<T>(client: Client, path: string, headers: Record<string, string> = {}): Promise<T | string> {
  try {
    const response = await client.send('GET', path, { headers });
    if (response.ok) return (await response.json()) as T;
    if (response.status === 403) return 'its permissions do not reach that far';
    const problem = (await response.json().catch(() => null)) as { detail?: string; title?: string } | null;
    return problem?.detail ?? problem?.title ?? `the server answers ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
