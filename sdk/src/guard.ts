// What the middlewares of all frameworks do: read the credential, ask the verifier, and say what to answer. At once
// where nobody need be asked, so that a call that is known costs no turn of the event loop.

import { type Answer, answerTo, answerToAmbiguity, answerToError, limitHeaders } from './answer.ts';
import { credentialIn } from './presented.ts';
import type { Principal, Requirement, Verdict } from './verdict.ts';
import type { Verifier } from './verifier.ts';

/** What a call must show. Where the client's address is not what the framework says, `addressOf` says it. */
export interface GuardOptions<Request> extends Omit<Requirement, 'address'> {
  addressOf?: (request: Request) => string | undefined;
}

/** Let in, with header fields for the answer to come; or refused, with the whole answer. */
export type Outcome = { principal: Principal; headers: Record<string, string> } | { principal: null; answer: Answer };

export interface Presented {
  authorization: string | null | undefined;
  address: string | undefined;
  /** True if there are several `Authorization` lines. */
  isAmbiguous?: boolean;
}

/** Rejects only for bugs. */
export function check(
  verifier: Verifier,
  { permissions, match, cost }: Omit<Requirement, 'address'>,
  { authorization, address, isAmbiguous = false }: Presented,
): Outcome | Promise<Outcome> {
  if (isAmbiguous) return { principal: null, answer: answerToAmbiguity() };
  const credential = credentialIn(authorization);
  const requirement: Requirement = {
    ...(permissions !== undefined && { permissions }),
    ...(match !== undefined && { match }),
    ...(cost !== undefined && { cost }),
    ...(address !== undefined && { address }),
  };
  const verdict = verifier.verifySync(credential, requirement);
  if (verdict !== undefined) return outcomeOf(verdict);
  return verifier.verify(credential, requirement).then(outcomeOf, outcomeOfError);
}

function outcomeOf(verdict: Verdict): Outcome {
  if (verdict.allowed) return { principal: verdict.principal, headers: limitHeaders(verdict) };
  return { principal: null, answer: answerTo(verdict) };
}

function outcomeOfError(error: unknown): Outcome {
  return { principal: null, answer: answerToError(error) };
}
