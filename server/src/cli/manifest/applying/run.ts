// Carries a plan out: step after step, several at once where none needs another. At the first refusal it begins nothing new,
// and says what was done and what was not. Nothing is lost by stopping: the same files are applied again.

import { idOf, know, type Plan, type Step } from '../plan/step.ts';
import { type Answer, type Asking, answerTo, type Call, detailOf } from '../state/asking.ts';
import { changing, creation, fieldAt, type Naming, pathOf, removal, switching } from './requests.ts';
import type { NewSecret, SecretSink } from './secrets.ts';
import type { Ledger } from './unsettled.ts';

export interface Refusal {
  step: Step;
  /** In the words of the server, or of what failed. */
  text: string;
  /** Where in the object the server found it. */
  path: (string | number)[];
  /** Somebody else came first: seen anew, the step may be another, or none. */
  isStale: boolean;
  status: number;
}

export interface RunOutcome {
  done: Step[];
  refused: Refusal | null;
  /** What was not begun, or not finished. */
  left: Step[];
}

export interface RunOptions {
  asking: Asking;
  isOwn(organizationId: string): boolean;
  /** Marks all that the run does: in the journal, and as what it repeats. */
  runId: string;
  /** 0, and one more each time that the rest is planned anew. */
  round: number;
  secrets: SecretSink;
  ledger: Ledger;
  signal?: AbortSignal;
  onDone?: (count: number) => void;
}

export async function carryOut(plan: Plan, options: RunOptions): Promise<RunOutcome> {
  const done: Step[] = [];
  const failures: Refusal[] = [];
  const naming: Naming = { ids: plan.ids, isOwn: options.isOwn };
  const phases = Map.groupBy(plan.steps, ({ phase }) => phase);
  const isOver = () => failures.length > 0 || options.signal?.aborted === true;
  for (const [, steps] of [...phases].sort(([one], [other]) => one - other)) {
    const waiting = [...steps];
    const work = async () => {
      for (let step = waiting.shift(); step !== undefined && !isOver(); step = waiting.shift()) {
        const refused = await carryOutOne(step, plan, naming, options);
        if (refused === null) {
          done.push(step);
          options.onDone?.(done.length);
        } else failures.push(refused);
      }
    };
    await Promise.all(Array.from({ length: Math.min(mostAtOnce, steps.length) }, work));
    if (isOver()) break;
  }
  const finished = new Set(done);
  return { done, refused: failures[0] ?? null, left: plan.steps.filter((step) => !finished.has(step)) };
}

async function carryOutOne(step: Step, plan: Plan, naming: Naming, options: RunOptions): Promise<Refusal | null> {
  try {
    if (step.op === 'remove') return refusalOf(step, await send(options, removal(step, naming)), true);
    if (step.op === 'change') return await sendAll(step, changing(step, naming), options);
    const key = `apply-${options.runId}-${options.round}-${plan.steps.indexOf(step)}`;
    const call: Call = { ...creation(step, naming), headers: { 'idempotency-key': key } };
    const { kind, organization, parent, key: name } = step;
    if (makesSecret(step)) {
      options.ledger.begin({ key, at: Date.now(), thing: { kind, organization, parent, key: name }, call });
    }
    const answer = await send(options, call);
    const refused = refusalOf(step, answer);
    if (refused !== null) {
      options.ledger.settle(key);
      return refused;
    }
    const { id, secret } = madeOf(step, answer.json ?? {});
    if (step.wanted !== null) know(plan.ids, step.wanted, id);
    if (secret !== null) await options.secrets.keep(secret);
    options.ledger.settle(key);
    return await sendAll(step, switching(step, pathOf(step, id), naming), options);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { step, text, path: [], isStale: false, status: 0 };
  }
}

/** Tells the secrets that runs before this one were about to tell; resolves with how many. `ids`: of what there is. */
export async function tellUnsettled(
  { asking, secrets, ledger }: Pick<RunOptions, 'asking' | 'secrets' | 'ledger'>,
  ids: ReadonlyMap<string, string>,
): Promise<number> {
  let count = 0;
  for (const { key, thing, call } of ledger.left) {
    // What was not made then is not made now: the files may say otherwise meanwhile.
    const isThere = ids.has(idOf(thing));
    const answer = isThere ? await answerTo(asking, call) : null;
    const { secret } = answer?.isReplayed === true ? madeOf(thing, answer.json ?? {}) : { secret: null };
    if (secret !== null) {
      await secrets.keep(secret);
      count += 1;
    }
    ledger.settle(key);
  }
  return count;
}

/** Whether making it brings a secret. */
export function makesSecret({ op, kind, wanted }: Step): boolean {
  if (op !== 'create') return false;
  if (kind === 'application') {
    const { type, jwks, jwksUri } = wanted?.fields ?? {};
    return type === 'confidential' && (jwks ?? jwksUri ?? null) === null;
  }
  return kind === 'token' || kind === 'user' || kind === 'apiUser' || kind === 'webhook';
}

async function sendAll(step: Step, calls: readonly Call[], options: RunOptions): Promise<Refusal | null> {
  for (const call of calls) {
    const refused = refusalOf(step, await send(options, call));
    if (refused !== null) return refused;
  }
  return null;
}

function send({ asking, runId }: RunOptions, call: Call): Promise<Answer> {
  return answerTo(asking, { ...call, headers: { ...call.headers, 'keyward-run': runId } });
}

/** Null for what was done; what is to be removed and is not there was. */
function refusalOf(step: Step, answer: Answer, isRemoval = false): Refusal | null {
  const { status, json } = answer;
  if ((status >= 200 && status < 300) || (isRemoval && status === 404)) return null;
  const [first] = Array.isArray(json?.errors) ? (json.errors as { at?: unknown }[]) : [];
  const path = typeof first?.at === 'string' ? fieldAt(first.at) : [];
  const isStale = (step.op === 'create' && status === 409) || (step.op === 'change' && status === 404);
  return { step, text: detailOf(answer), path, isStale, status };
}

/** What the API says of something that it made. */
function madeOf(
  step: Pick<Step, 'kind' | 'organization' | 'key'>,
  json: Record<string, unknown>,
): { id: string; secret: NewSecret | null } {
  const made = (step.kind === 'token' ? json.token : json) as Record<string, unknown>;
  const id = String(made.id ?? made.handle ?? made.name ?? step.key);
  const secret = json.secret ?? json.password;
  if (typeof secret !== 'string') return { id, secret: null };
  const username = made.username ?? made.email;
  const { kind, organization } = step;
  const name = String(made.name ?? step.key);
  const named = { kind, organization, name, id, ...(typeof username === 'string' && { username }) };
  return { id, secret: { ...named, secret } };
}

/** Writers are one after the other anyway: this hides the way there and back. */
const mostAtOnce = 8;
