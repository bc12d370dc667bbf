// In which order a folder's requests can be sent one after the other: who asks comes first, what is made before what is done
// with it, what ends it last.

import { samples } from '../../dialects/operation.ts';
import type { DescribedOperation } from './operation.ts';

export interface Request {
  method: string;
  /** As in the document: `/v1/users/{id}`. */
  path: string;
  operation: DescribedOperation;
}

export function inRunningOrder(requests: readonly Request[]): Request[] {
  return requests.toSorted((one, other) => stepOf(one) - stepOf(other) || whenEnding(one, other));
}

/** Signing in with a password gives the most powerful token, so that it comes after other ways. */
function stepOf({ method, path, operation }: Request): number {
  if (operation['x-last'] === true) return 6;
  if (operation.security.length === 0) return /assword/.test(JSON.stringify(operation.requestBody ?? '')) ? 1 : 0;
  if (path.endsWith('/restore')) return 5;
  if (method === 'DELETE') return 4;
  return method === 'POST' && !path.includes('{') && !isAboutSomething(operation) ? 2 : 3;
}

/** Its example names something that was made before. */
function isAboutSomething({ requestBody }: DescribedOperation): boolean {
  const text = JSON.stringify(requestBody ?? '');
  return text.includes(samples.tokenId) || text.includes(String(samples.number));
}

/** What belongs to something ends before that does. */
function whenEnding(one: Request, other: Request): number {
  return one.method === 'DELETE' && other.method === 'DELETE' ? other.path.length - one.path.length : 0;
}
