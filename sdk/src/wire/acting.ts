// Acting for a customer: who may, says for whom in the query of the endpoints about what is an organization's own.

import { type Static, Type } from 'typebox';
import { closed } from './parts.ts';

/** The customer's id, or its name; an id wins. Of callers of the operator's organization with `act:organization` alone. */
export const ActingQuery = Type.Object({ organization: Type.Optional(Type.String({ maxLength: 64 })) }, closed);
export type ActingQuery = Static<typeof ActingQuery>;
