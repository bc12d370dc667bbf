// What an API goes by: the audience of its tokens (RFC 8707, RFC 9068). Letter by letter; nothing is fetched from there.

import { defaultApi } from '../caller/catalogue.ts';
import type { Api } from './records.ts';

/** Left out, that of the default API is the server's own address, and each other's lies beneath it. */
export function identifierOf({ handle, identifier }: Pick<Api, 'handle' | 'identifier'>, issuer: string): string {
  return identifier ?? (handle === defaultApi ? issuer : `${issuer}/v1/apis/${handle}`);
}
