// The query string as it was sent, for calls that are passed through: one parameter is read or taken out of it and the
// rest stays byte for byte. Endpoints of our own have theirs parsed by form.ts instead.

import { KeywardError } from '../core/errors.ts';
import { parsePair } from './form.ts';

/** What follows the first `?`, still encoded; empty if there is none. */
export function rawQueryOf(target: string): string {
  const mark = target.indexOf('?');
  return mark < 0 ? '' : target.slice(mark + 1);
}

/** What precedes the first `?`, still encoded. */
export function rawPathOf(target: string): string {
  const mark = target.indexOf('?');
  return mark < 0 ? target : target.slice(0, mark);
}

/** The decoded values of a parameter, in order. Throws KeywardError `invalid_request` if one of them cannot be decoded. */
export function valuesIn(query: string, name: string): string[] {
  // Without an escape a name can only stand there as it is.
  if (!query.includes('%') && !query.includes(name)) return [];
  return pairsIn(query)
    .filter((pair) => nameOf(pair) === name)
    .map((pair) => {
      const read = parsePair(pair);
      if (read === undefined) {
        throw new KeywardError('invalid_request', `The parameter ${name} has a bad percent-escape.`, {
          faults: [{ at: ['query', name], kind: 'malformed', message: 'has a bad percent-escape' }],
        });
      }
      return read[1];
    });
}

/** The same query string without a parameter, however its name was escaped. */
export function withoutIn(query: string, name: string): string {
  return pairsIn(query)
    .filter((pair) => nameOf(pair) !== name)
    .join('&');
}

function pairsIn(query: string): string[] {
  return query === '' ? [] : query.split('&');
}

function nameOf(pair: string): string | undefined {
  const equals = pair.indexOf('=');
  return parsePair(equals < 0 ? pair : pair.slice(0, equals))?.[0];
}
