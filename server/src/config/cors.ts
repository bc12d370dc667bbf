// The `cors` field of a guarded route: which pages of other origins may call it, and read what is answered. Reads and checks
// it; what it comes to is said in ../http/cors.ts.

import type { CorsPolicy } from '../http/cors.ts';
import { isMap, origin, seconds, unknownWord, words } from './value.ts';

/** Every field of a `cors` map. */
export const corsFields = ['origins', 'methods', 'headers', 'exposeHeaders', 'maxAgeSeconds', 'credentials'];

/** Reads a map of a route with these methods; only `origins` is required. Throws an Error that begins with the field. */
export function readCors(value: unknown, routeMethods: readonly string[]): CorsPolicy {
  if (!isMap(value)) throw new Error('cors must be a map with origins, such as { origins: [https://app.example.com] }');
  const stranger = Object.keys(value).find((field) => !corsFields.includes(field));
  if (stranger !== undefined) throw new Error(`cors is wrong: ${unknownWord(stranger, corsFields, 'field')}`);
  const { credentials = false } = value;
  const origins = read('origins', () => words(value.origins ?? []).map(originOf));
  if (origins.length === 0)
    throw new Error('cors.origins must be some of pages, such as https://app.example.com, or *');
  if (typeof credentials !== 'boolean') throw new Error('cors.credentials must be true or false');
  if (credentials && origins.includes('*')) {
    throw new Error('cors.credentials needs origins by name: with * every page could call as its visitor');
  }
  const methods = value.methods == null ? null : read('methods', () => methodsIn(value.methods, routeMethods));
  return {
    origins,
    credentials,
    ...(methods !== null && { methods }),
    ...(value.headers != null && { headers: read('headers', () => names(value.headers)) }),
    exposeHeaders: read('exposeHeaders', () => names(value.exposeHeaders ?? [])),
    ...(value.maxAgeSeconds != null && { maxAgeSeconds: read('maxAgeSeconds', () => age(value.maxAgeSeconds)) }),
  };
}

function read<T>(field: string, reader: () => T): T {
  try {
    return reader();
  } catch (error) {
    throw new Error(`cors.${field} ${error instanceof Error ? error.message : 'is unreadable'}`, { cause: error });
  }
}

/** An origin is no secret, and is shown. */
function originOf(one: string): string {
  if (one === '*') return one;
  try {
    return origin(one);
  } catch {
    throw new Error(`must be like https://app.example.com, with no path behind it, or *, which "${one}" is not`);
  }
}

function methodsIn(value: unknown, routeMethods: readonly string[]): readonly string[] {
  const methods = words(value).map((method) => method.toUpperCase());
  const known = routeMethods.includes('GET') ? [...routeMethods, 'HEAD'] : routeMethods;
  if (methods.length > 0 && methods.every((method) => known.includes(method))) return methods;
  throw new Error(`must be some of the route's own: ${routeMethods.join(', ')}`);
}

function names(value: unknown): readonly string[] {
  const list = words(value);
  // RFC 9110 section 5.6.2. A `*` would not hold for Authorization, and without credentials alone.
  const wrong = list.find((name) => !/^[\w!#$%&'+.^`|~-]{1,64}$/.test(name));
  if (wrong === undefined) return list;
  throw new Error(`must be names of headers such as X-Total, which "${wrong}" is not`);
}

/** Whole seconds: browsers read nothing else. */
function age(value: unknown): number {
  const number = value === 0 || value === '0' ? 0 : seconds(value);
  if (Number.isInteger(number)) return number;
  throw new Error('must be whole seconds');
}
