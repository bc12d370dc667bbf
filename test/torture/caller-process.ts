// A process that calls: through a verifier of its own and over HTTP at every node, with credentials that stand and with
// such as are being revoked. It notes what should not be, and goes on through every fault.

import { Agent, get } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { createVerifier, type Verdict } from '../../sdk/src/index.ts';
import { machineMs, watchMachine } from '../machine-time.ts';
import { type Bearer, type CallerReport, type CallerTask, type FromCaller, nowMs, type ToCaller } from './messages.ts';

interface Watched {
  bearer: Bearer;
  revokedAt: number | null;
  wasAllowed: boolean;
  lastAllowedAt: number;
}

const watched = new Map<string, Watched>();
const report: CallerReport = {
  calls: 0,
  unavailable: 0,
  wrong: [],
  limitedAllowed: 0,
  untilRefusedMs: [],
  seenAllowed: 0,
  longestTurnMs: 0,
};
let isOver = false;
let isLost = false;
const turns = monitorEventLoopDelay({ resolution: 5 });
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

const tell = (message: FromCaller) => process.send?.(message);

process.on('message', (message: ToCaller) => {
  if (message.type === 'task') void work(message.task);
  else if (message.type === 'watch') {
    const { bearer } = message;
    watched.set(bearer.id, { bearer, revokedAt: null, wasAllowed: false, lastAllowedAt: 0 });
  } else if (message.type === 'revoked') {
    const one = watched.get(message.id);
    if (one !== undefined) one.revokedAt = message.at;
  } else if (message.type === 'forget') watched.delete(message.id);
  else if (message.type === 'lost') {
    isLost = true;
    for (const [id, { revokedAt }] of watched) if (revokedAt !== null) watched.delete(id);
  } else isOver = true;
});
// Without its test bed there is nothing to do.
process.once('disconnect', () => process.exit(0));

/** Only what began after the acknowledgement counts: it is what could have known better. */
function settle({ revokedAt, lastAllowedAt, wasAllowed }: Watched): void {
  const behind = nowMs() - performance.now();
  const late = lastAllowedAt > (revokedAt ?? 0) ? machineMs((revokedAt ?? 0) - behind, lastAllowedAt - behind) : 0;
  report.untilRefusedMs.push(late);
  if (wasAllowed) report.seenAllowed += 1;
}

async function work(task: CallerTask): Promise<void> {
  await watchMachine();
  const credential = { apiToken: task.bearer };
  const verifier = createVerifier({
    url: task.url,
    credential,
    exchange: 'none',
    name: task.name,
    onError: () => {},
    fetch: asBehindProxy,
  });
  await verifier.ready();
  turns.enable();
  tell({ type: 'ready' });

  const allowed = (id: string, began: number) => {
    const one = watched.get(id);
    if (one === undefined) return;
    one.wasAllowed = true;
    one.lastAllowedAt = Math.max(one.lastAllowedAt, began);
  };
  const judge = (bearer: Bearer, verdict: Verdict) => {
    const who = verdict.principal?.id;
    if (!verdict.allowed) note(`${bearer.id} was refused: ${verdict.reason}`);
    else if (who !== undefined && who !== bearer.id) note(`${bearer.id} was taken for ${who}`);
  };
  const note = (what: string) => {
    if (report.wrong.length < 20) report.wrong.push(`${task.name}: ${what}`);
  };
  const pick = () => task.standing[Math.floor(Math.random() * task.standing.length)] as Bearer;

  /** Looks at every credential that is being revoked, over and over. */
  const watch = async () => {
    while (!isOver) {
      const started = performance.now();
      for (const one of watched.values()) {
        const began = nowMs();
        const { secret } = one.bearer;
        // Until it was allowed once it is asked for, so that the verifier knows what is to be revoked.
        const known = verifier.verifySync(secret, { cost: 0 });
        const verdict = known ?? (one.wasAllowed ? null : await verifier.verify(secret, { cost: 0 }).catch(() => null));
        if (verdict?.allowed === true) allowed(one.bearer.id, began);
        report.calls += 1;
      }
      await pause(Math.max(4, performance.now() - started));
    }
  };
  const throughVerifier = async () => {
    while (!isOver) {
      const started = performance.now();
      for (let call = 0; call < 50 && report.calls < task.calls; call += 1) {
        const one = pick();
        try {
          const found = verifier.verifySync(one.secret) ?? (await verifier.verify(one.secret));
          judge(one, found);
        } catch {
          report.unavailable += 1;
        }
        report.calls += 1;
      }
      // As much of this process's time is left to the feed.
      await pause(Math.max(2, performance.now() - started));
    }
  };
  const overHttp = async (first: number) => {
    for (let at = first; !isOver; at += 1) {
      const url = task.urls[at % task.urls.length] ?? '';
      const doomed = [...watched.values()];
      const isDoomed = at % 2 === 0 && doomed.length > 0;
      const isLimited = at % 7 === 0;
      const one = isLimited
        ? task.limited
        : isDoomed
          ? (doomed[Math.floor(Math.random() * doomed.length)] as Watched).bearer
          : pick();
      const began = nowMs();
      const wasLost = isLost;
      const answer = await check(url, one.secret);
      report.calls += 1;
      if (answer === null || answer.status === 503) {
        report.unavailable += 1;
        await pause(20);
        continue;
      }
      if (answer.status === 200 && answer.who !== one.id) note(`${one.id} was taken for ${answer.who} by a node`);
      if (isLimited) {
        if (answer.status === 200 && !wasLost) report.limitedAllowed += 1;
      } else if (isDoomed) {
        if (answer.status === 200) allowed(one.id, began);
      } else if (answer.status !== 200) note(`${one.id} was answered ${answer.status} by a node`);
      if (report.calls >= task.calls) await pause(20);
    }
  };
  /** Those of which the bound is long over need no more looks. */
  const sweep = async () => {
    while (!isOver) {
      await pause(250);
      tell({ type: 'progress', calls: report.calls });
      for (const [id, one] of watched) {
        if (one.revokedAt === null || nowMs() - one.revokedAt < 4000 + turns.max / 1e6) continue;
        watched.delete(id);
        settle(one);
      }
    }
  };
  await Promise.all([watch(), throughVerifier(), sweep(), ...[0, 1, 2, 3].map(overHttp)]);
  for (const one of watched.values()) if (one.revokedAt !== null) settle(one);
  report.longestTurnMs = turns.max / 1e6;
  tell({ type: 'report', report });
  await verifier.close();
  agent.destroy();
}

/** Nodes take credentials over HTTPS alone; a proxy in front of them would say that it is so. */
const asBehindProxy: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('x-forwarded-proto', 'https');
  return fetch(input, { ...init, headers });
};

/** Null if there was no answer. */
function check(url: string, bearer: string): Promise<{ status: number; who: string | undefined } | null> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${bearer}`, 'x-forwarded-proto': 'https' };
    const asked = get(`${url}/v1/check`, { headers, agent, timeout: 10_000 }, (answer) => {
      const who = answer.headers['x-auth-principal'];
      answer.resume();
      answer.once('close', () => resolve({ status: answer.statusCode ?? 0, who: String(who) }));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(null));
  });
}
