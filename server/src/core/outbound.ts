// What core needs of other servers: a JSON document from an address that somebody wrote down, such as an issuer's keys. Whether
// what it says is believed is decided by whoever asked for it.

/** Why there is no document. Nothing of an answer is part of it. */
export type OutboundFailure =
  | 'not_https'
  | 'address_not_allowed'
  | 'not_resolved'
  | 'unreachable'
  | 'redirected'
  | 'refused'
  | 'too_large'
  | 'too_slow'
  | 'not_json'
  | 'too_many';

/** `keepMs`: for how long it may be kept, as its server says; undefined where that says nothing. */
export type OutboundAnswer =
  | { document: unknown; keepMs?: number | undefined; failure?: undefined }
  | { failure: OutboundFailure };

export interface Outbound {
  /**
   * The document at `url`, of at most 256 kB or `mostBytes`. `party`: on whose behalf it is, of which a few are under way at a
   * time. Never rejects.
   */
  fetchJson(url: string, party: string, mostBytes?: number): Promise<OutboundAnswer>;
}

/** For people: continues "… could not be read: ". */
export const outboundFailures: Readonly<Record<OutboundFailure, string>> = {
  not_https: 'its address does not begin with https://, or names a user or a fragment',
  address_not_allowed:
    'it is at a private or reserved address, which the operator would have to allow (outbound.allowPrivate)',
  not_resolved:
    'name servers know no address of its host name (one that only this machine knows would have to be in outbound.allowPrivate)',
  unreachable: 'no connection to it could be made, or its certificate is not trusted (outbound.ca)',
  redirected: 'it redirects, which is not followed',
  refused: 'it answered with another status than 200',
  too_large: 'its answer is larger than is taken',
  too_slow: 'its answer took longer than 5 seconds',
  not_json: 'its answer is not JSON',
  too_many: 'too many documents are being read at the moment',
};
