// CORS: which pages of other origins may call, and read what is answered. Reads and checks the setting; answers nothing.

import type { CorsPolicy } from '../http/gateway/guarded-route.ts';
import { isMap, origin, seconds, unknownWord, words } from './value.ts';

const fields = ['origins', 'credentials', 'exposedHeaders', 'maxAgeSeconds'];

/** Reads a map with `origins`, or the origins alone. Throws an Error whose message continues the setting's name. */
export function readCors(value: unknown): CorsPolicy {
  const map = isMap(value) ? value : { origins: value };
  const stranger = Object.keys(map).find((field) => !fields.includes(field));
  if (stranger !== undefined) throw new Error(`is wrong: ${unknownWord(stranger, fields, 'field')}`);
  const origins = words(map.origins ?? []);
  const isEveryone = origins.length === 1 && origins[0] === '*';
  if (origins.length === 0) throw new Error('must have origins, such as https://app.example.com, or "*" for all');
  if (!isEveryone) for (const one of origins) checkOrigin(one);
  const { credentials = false } = map;
  if (typeof credentials !== 'boolean') throw new Error('credentials must be true or false');
  if (credentials && isEveryone) throw new Error('with credentials must list its origins: "*" would let every page in');
  return {
    origins,
    credentials,
    exposedHeaders: words(map.exposedHeaders ?? []),
    maxAgeSeconds: map.maxAgeSeconds === undefined ? 600 : seconds(map.maxAgeSeconds),
  };
}

function checkOrigin(one: string): void {
  try {
    if (origin(one) === one) return;
  } catch {
    // Said below, with what was given: an origin is no secret.
  }
  throw new Error(`origins must be like https://app.example.com, without a path; "${one}" is not`);
}
