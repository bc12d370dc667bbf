// The call that a proxy asks about, as it tells of it in headers. Whether the proxy is to be believed is asked by whoever
// reads this.

import type { IncomingHttpHeaders } from 'node:http';
import { KeywardError } from '../../core/errors.ts';

export interface ToldCall {
  method: string;
  target: string;
}

/** What of the call a proxy may have told by its own request. */
interface Appended {
  method: string;
  target: string | undefined;
}

/** The call, told in one way or in several that agree. Throws KeywardError `invalid_request`. */
export function toldCallIn(headers: IncomingHttpHeaders, appended: Appended): ToldCall {
  const text = (name: string) => headers[name] as string | undefined;
  const [uri, url] = [text('x-original-uri'), pathIn(text('x-original-url'))];
  const told: Telling = { method: undefined, target: undefined };
  agree(told, text('x-forwarded-method'), text('x-forwarded-uri'));
  agree(told, text('x-original-method'), uri ?? url);
  if (uri !== undefined && url !== undefined) agree(told, text('x-original-method'), url);
  if (appended.target !== undefined) agree(told, appended.method, appended.target);
  const { method, target } = told;
  if (method === undefined || target === undefined) throw ambiguousCall();
  return { method, target };
}

/**
 * Where the client sent it, told in one way or in two that agree; null where that is not told. Throws KeywardError
 * `invalid_request`: a proxy that tells of it in one way may pass on what the client says in the other.
 */
export function toldOriginIn(headers: IncomingHttpHeaders): string | null {
  const { 'x-original-url': url, 'x-forwarded-proto': scheme, 'x-forwarded-host': host } = headers;
  const [origin] = /^https?:\/\/[^/?#]+(?=\/)/i.exec(String(url)) ?? [];
  const isForwarded = (scheme === 'https' || scheme === 'http') && host !== undefined;
  const forwarded = isForwarded ? `${scheme}://${host}` : undefined;
  if (origin !== undefined && forwarded !== undefined && !isSameOrigin(origin, forwarded)) throw ambiguousCall();
  return origin ?? forwarded ?? null;
}

function isSameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}

/** True if the headers tell of a call at all. */
export function tellsOfCall(headers: IncomingHttpHeaders): boolean {
  return telling.some((name) => headers[name] !== undefined);
}

const telling = ['x-forwarded-method', 'x-forwarded-uri', 'x-original-method', 'x-original-uri', 'x-original-url'];

interface Telling {
  method: string | undefined;
  target: string | undefined;
}

/** One telling more, which must say both or nothing, and the same as those before. */
function agree(told: Telling, method: string | undefined, target: string | undefined): void {
  if (method === undefined && target === undefined) return;
  if (method === undefined || target === undefined) throw ambiguousCall();
  if ((told.method ?? method) !== method || (told.target ?? target) !== target) throw ambiguousCall();
  told.method = method;
  told.target = target;
}

/** The path and query of an absolute URL; what is none stays as it is, and is refused as a target. */
function pathIn(url: string | undefined): string | undefined {
  return url?.replace(/^https?:\/\/[^/?#]+(?=\/)/i, '');
}

function ambiguousCall(): KeywardError {
  const text = 'Say once which call this is about: X-Forwarded-Method and X-Forwarded-Uri, or X-Original-*.';
  return new KeywardError('invalid_request', text);
}
