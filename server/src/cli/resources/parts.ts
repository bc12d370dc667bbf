// Flags that several nouns have.

import { asJson, asMilliseconds, asObservation, asText, orNone } from '../grammar/readings.ts';
import type { Field } from '../grammar/verbs.ts';
import type { Style } from '../terminal/style.ts';

export const receipt: Field = {
  flag: '--receipt <time>',
  help: 'wait so long for all nodes and verifiers to have heard of it, as 2s',
  to: 'receipt',
  as: asMilliseconds,
};
export const descendants: Field = { flag: '--descendants', help: 'end what it made too', to: 'descendants' };
export const deletedOnly: Field = {
  flag: '--deleted',
  help: 'only what was deleted and can be restored',
  to: 'deleted',
  as: () => 'only',
};

/** What the provider's own systems call it. */
export const external: readonly Field[] = [
  {
    flag: '--external-id <id>',
    help: 'what your own systems call it; none for none',
    to: 'externalId',
    as: orNone(asText),
  },
  {
    flag: '--metadata <json>',
    help: 'a JSON object of your own, or @file; none for none',
    to: 'metadata',
    as: orNone(asJson),
  },
];
export const byExternalId: Field = {
  flag: '--external-id <id>',
  help: 'only the one with this external id',
  to: 'externalId',
};

/** A state in the colour of a traffic light. */
export function stateStyle({ state }: { state?: unknown }): Style {
  return state === 'active' ? 'green' : state === 'deleted' || state === 'expired' ? 'red' : 'yellow';
}

/** What a call would be answered, and why. */
export function stateOf({ state, stateReason }: { state: string; stateReason: string | null }): string {
  return stateReason === null ? state : `${state} (${stateReason})`;
}

export const force: Field = { flag: '--force', help: 'take it from whoever holds it by its name', to: 'force' };

/** Of what can be observed before it counts. */
export const observe: Field = {
  flag: '--observe <time>',
  help: 'only observe it first, as 14d, 30 days at most: nothing is refused for it until then; none takes that back',
  to: 'observe',
  as: orNone(asObservation),
};
