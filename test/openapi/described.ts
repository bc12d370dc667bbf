// Whether an answer is one that the description of the API tells of. What the description has no operation for, such as a
// guarded path or a method that a path does not know, is not its business.

import { allDialects } from '../../server/src/dialects/all.ts';
import { openApiDocument } from '../../server/src/http/openapi/document.ts';
import type { DescribedOperation } from '../../server/src/http/openapi/operation.ts';

export interface Described {
  /** The operation that a request meets; undefined if there is none. */
  operationFor(method: string, target: string): DescribedOperation | undefined;
  /** What is wrong with a status as the answer to a request; undefined if nothing is. */
  fault(method: string, target: string, status: number): string | undefined;
}

/** Of every dialect. */
export async function describedApi(): Promise<Described> {
  const { paths } = await openApiDocument(allDialects);
  // A parameter may be empty: what is asked at `/v1/apis/` is one API, not the list of all.
  const patterns = Object.entries(paths).map(([path, methods]) => {
    const steps = path.split('/').map((step) => (step.startsWith('{') ? '[^/]*' : step.replaceAll('.', '\\.')));
    return { pattern: new RegExp(`^${steps.join('/')}$`), isExact: !path.includes('{'), methods };
  });
  // What is written out goes before a parameter.
  patterns.sort((one, other) => Number(other.isExact) - Number(one.isExact));
  const operationFor: Described['operationFor'] = (method, target) => {
    const path = target.split('?', 1)[0] ?? '';
    const found = patterns.find(({ pattern, methods }) => pattern.test(path) && methodOf(method) in methods);
    return found?.methods[methodOf(method)];
  };
  return {
    operationFor,
    fault(method, target, status) {
      const operation = operationFor(method, target);
      if (operation === undefined || String(status) in operation.responses) return undefined;
      return `${operation.operationId} answered ${status}, which its description does not tell of`;
    },
  };
}

function methodOf(method: string): string {
  return method === 'HEAD' ? 'get' : method.toLowerCase();
}
