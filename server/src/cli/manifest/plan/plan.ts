// From what is wanted and what there is to what is to be done. It asks nobody and changes nothing: the same two give the
// same plan.

import type { Manifest, Wanted } from '../model/manifest.ts';
import { fieldsOf, isSame, type Kind, kinds, scopeOf } from '../model/thing.ts';
import type { Problem } from '../reading/problem.ts';
import type { Found } from '../state/found.ts';
import type { State } from '../state/read-state.ts';
import { match } from './match.ts';
import { obstacleTo, removalObstacle } from './obstacles.ts';
import { checkReferences, ownerKey } from './references.ts';
import { type FieldChange, idOf, know, type Plan, type Remainder, type Step } from './step.ts';

export interface PlanOptions {
  /** The kinds of which is removed what the files do not name, where they name any. */
  prune: ReadonlySet<Kind>;
  now: number;
}

/** What is wrong with the files, seen beside this server, goes to `problems`; then the plan is of no use. */
export function makePlan(manifest: Manifest, state: State, options: PlanOptions, problems: Problem[]): Plan {
  const { wanted, mentioned } = manifest;
  // What hangs on an API user is compared under the key that the files have for it.
  const first = match(wanted.filter(isNoCredential), state.found.filter(isNoCredential), problems);
  const keys = new Map<string, string>();
  for (const one of wanted) {
    const there = one.kind === 'apiUser' ? first.of(one) : null;
    if (there !== null) keys.set(idOf(there), one.key);
  }
  const credentials = state.found
    .filter((one) => !isNoCredential(one))
    .map((one) => ({
      ...one,
      parent: keys.get(idOf({ ...one, kind: 'apiUser', key: one.parent ?? '' })) ?? one.parent,
    }));
  const second = match(
    wanted.filter((one) => !isNoCredential(one)),
    credentials,
    problems,
  );
  const of = (one: Wanted) => (isNoCredential(one) ? first.of(one) : second.of(one));

  const plan: Plan = { steps: [], remainders: [], ids: new Map() };
  for (const one of state.found) know(plan.ids, one, one.id);
  for (const one of wanted) {
    const there = of(one);
    if (there !== null) know(plan.ids, one, there.id);
  }
  checkReferences(wanted, state, problems);
  const planning = { plan, state, now: options.now, bound: boundOrganizations(wanted, of) };
  for (const one of wanted) addStep(planning, one, of(one));
  for (const one of [...first.rest, ...second.rest]) {
    const scope = scopeOf(one.kind === 'organization' ? { ...one, organization: null } : one);
    if (!options.prune.has(one.kind) || !mentioned.has(scope)) continue;
    addRemoval(plan, one, state);
  }
  plan.steps.sort((one, other) => one.phase - other.phase);
  return plan;
}

function isNoCredential({ kind }: { kind: Kind }): boolean {
  return kind !== 'federatedCredential';
}

interface Planning {
  plan: Plan;
  state: State;
  now: number;
  bound: ReadonlySet<string | null>;
}

function addStep(planning: Planning, wanted: Wanted, found: Found | null): void {
  const { plan, state, now } = planning;
  const { kind, organization, parent, key } = wanted;
  const changes = found === null ? changesOfNew(wanted) : changesBetween(planning, wanted, found);
  const isDone = found !== null && changes.length === 0;
  if (isDone) return;
  const remain = (text: string, sort: Remainder['sort'] = 'failure') => {
    plan.remainders.push({ thing: wanted, text, at: wanted.at, sort } satisfies Remainder);
  };
  const { expiresAt } = wanted.fields;
  if (found === null && typeof expiresAt === 'string' && Date.parse(expiresAt) <= now) {
    remain(`ended at ${expiresAt}: it is not made`, 'note');
    return;
  }
  const left = changes.filter((change) => {
    if (found === null) return true;
    const { field, after } = change;
    // Whatever was switched off by hand, after a leak perhaps, no file revives by saying nothing.
    if (field === 'active' && after === undefined) {
      remain('is deactivated, and the files do not say active: true. It stays so', 'kept');
      return false;
    }
    const why = obstacleTo(wanted, found, state, field, after);
    if (why !== null) remain(why);
    return why === null;
  });
  if (left.length === 0 && found !== null) return;
  if (found === null) {
    const why = obstacleTo(wanted, null, state, null, undefined);
    if (why !== null) {
      remain(why);
      return;
    }
  }
  const op = found === null ? 'create' : 'change';
  plan.steps.push({
    op,
    kind,
    organization,
    parent,
    key,
    found,
    wanted,
    changes: left,
    phase: phaseOf(kind, found, state),
  } satisfies Step);
}

/** What is done to whoever asks comes last, so that the rest can still be done. */
function phaseOf(kind: Kind, found: Found | null, { self, selfOwnerId }: State): number {
  const isSelf = found !== null && (found.id === self.id || found.id === selfOwnerId);
  return isSelf ? 100 : kinds.indexOf(kind);
}

/** Without what it gets by itself. */
function changesOfNew({ kind, fields }: Wanted): FieldChange[] {
  return [...fieldsOf[kind]].flatMap(([field, usual]) => {
    const after = fields[field];
    const isUsual = after === undefined || (usual !== undefined && isSame(after, usual));
    const isNone = after === null && field !== 'plan' && field !== 'issuer';
    return isUsual || isNone || (field === 'active' && after === true) ? [] : [{ field, before: undefined, after }];
  });
}

function changesBetween({ plan, bound }: Planning, wanted: Wanted, found: Found): FieldChange[] {
  const { kind, fields } = wanted;
  const changes: FieldChange[] = [];
  for (const [field, usual] of fieldsOf[kind]) {
    const before = found.fields[field];
    const after = fields[field] ?? (field in fields ? null : usual);
    if (field === 'active') {
      if (before === false && after === undefined) changes.push({ field, before, after });
      else if (after !== undefined && after !== before) changes.push({ field, before, after });
    } else if (field === 'expiresAt' && !(field in fields) && bound.has(wanted.organization)) {
      // Where every token has an end, one that nobody chose is as good as any.
    } else if (field === 'owner') {
      if (after !== undefined && found.ownerId !== plan.ids.get(ownerKey(wanted, after)))
        changes.push({ field, before, after });
    } else if (after !== undefined && !isSame(after, before ?? null)) changes.push({ field, before, after });
  }
  if (kind === 'permission' && wanted.parent !== found.parent) {
    changes.push({ field: 'api', before: found.parent, after: wanted.parent });
  }
  return changes;
}

/** Which organizations let no token live for ever: there the end of one is left alone unless it is said. */
function boundOrganizations(wanted: readonly Wanted[], of: (one: Wanted) => Found | null): Set<string | null> {
  const all = wanted.filter(({ kind }) => kind === 'organization');
  const bound = all.filter((one) => {
    const { longestTokenLifetime: said } = one.fields;
    return (said === undefined ? of(one)?.fields.longestTokenLifetime : said) != null;
  });
  return new Set(bound.map(({ organization }) => organization));
}

function addRemoval(plan: Plan, found: Found, state: State): void {
  const { kind, organization, parent, key } = found;
  const why = removalObstacle(found, state);
  if (why !== null) {
    plan.remainders.push({ thing: found, text: `stays, as ${why}`, at: null, sort: 'note' });
    return;
  }
  const phase = 50 + kinds.length - kinds.indexOf(kind);
  plan.steps.push({ op: 'remove', kind, organization, parent, key, found, wanted: null, changes: [], phase });
}
