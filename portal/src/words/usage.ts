// Texts of the usage page: what became of calls, and what to do about those that were refused.

export const usageWords = {
  title: 'Usage',
  intro: 'Every call that presented a known credential, by what became of it. The last few seconds may be missing.',
  introOwn: 'Calls with your own credentials, by what became of them. The last few seconds may be missing.',
  range: 'Period',
  ranges: { '24h': '24 hours', '7d': '7 days', '30d': '30 days', '90d': '90 days', custom: 'Custom' } as Record<
    string,
    string
  >,
  from: 'From',
  until: 'Until',
  group: 'By',
  groups: { hour: 'Hours', day: 'Days' },
  dayNote: 'Days are counted in UTC.',
  only: (name: string) => `Only ${name}`,
  onlyRemove: (name: string) => `Show all, not only ${name}`,
  tiles: {
    calls: 'Calls',
    allowed: 'Allowed',
    refused: 'Refused',
    limited: 'Over the plan',
    share: (percent: string) => `${percent} of all`,
  },
  chart: {
    title: 'Calls over time',
    allowed: 'Allowed',
    refused: 'Refused',
    limited: 'Over the plan',
    show: 'What is shown',
    all: 'All calls',
    onlyRefused: 'Refused only',
    others: 'Other reasons',
  },
  reasons: {
    title: 'Why calls were refused',
    intro: 'The most frequent reasons, and what to do about each.',
    none: 'Nothing was refused in this period.',
    calls: (calls: string) => `${calls} calls`,
    oneCall: '1 call',
    texts: {
      rate_limited: {
        title: 'The plan’s budget was spent',
        text: 'Slow the client down: let it wait as Retry-After says. If the traffic is wanted, ask for a larger plan.',
        link: 'Plans and limits',
      },
      missing_permission: {
        title: 'A permission is missing',
        text: 'The credential is good but not for this path. Give its token or its owner’s role the permission, or stop the call.',
        link: 'API tokens',
      },
      expired: {
        title: 'The credential has expired',
        text: 'Make a new token, or move the end of this one; clients with access tokens should get a new one on 401.',
        link: 'API tokens',
      },
      inactive: {
        title: 'The credential is deactivated',
        text: 'Something still uses what was switched off. Find it by its credential below; activate the token again if that was a mistake.',
        link: 'Inactive API tokens',
      },
      revoked: {
        title: 'The access token was cut off',
        text: 'It was made from a credential that has been deactivated, deleted or rotated since. The client must get a new one.',
        link: 'API tokens',
      },
      exchange_only: {
        title: 'The token may only be exchanged',
        text: 'The client sends it on calls, but it is for getting access tokens. Let the client exchange it first, or allow direct use.',
        link: 'API tokens',
      },
      wrong_organization: {
        title: 'The path belongs to another organization',
        text: 'The credential is good, but the address names another organization. Check the address that the client calls.',
      },
      wrong_api: {
        title: 'The token is for another API',
        text: 'The token is bound to APIs, and the call went to another. Use a token of that API, or bind this one to it too.',
        link: 'API tokens',
      },
      address_not_allowed: {
        title: 'The client’s address is not on the list',
        text: 'The token is bound to addresses and was used from another. Add the address if the client has moved; rotate the token if you do not know it.',
        link: 'API tokens',
      },
      wrong_key: {
        title: 'The access token is bound to another key',
        text: 'It came without a proof of its key, or with another’s: it was copied, or the client makes a new key without a new token.',
      },
      invalid_proof: {
        title: 'The proof of the key is wrong',
        text: 'It is for another call, or was used before. Check the address that the client calls, and that each call has a new proof.',
      },
      nonce_required: {
        title: 'The proof of the key needs a nonce',
        text: 'The answer gave one, and clients try again with it by themselves. One that does not needs a newer library.',
      },
      missing: {
        title: 'No credential was sent',
        text: 'Let the client send its token in the Authorization header.',
      },
      unknown: {
        title: 'The credential is unknown',
        text: 'It is mistyped, of another server, or was deleted. Check what the client was given.',
      },
    } as Record<string, { title: string; text: string; link?: string }>,
    other: { title: 'Refused', text: 'The journal of the credential may say more.' },
  },
  sources: {
    title: 'By credential',
    name: 'Credential',
    calls: 'Calls',
    share: 'Share',
    type: { user: 'User', api_user: 'API user', api_token: 'API token' },
    deleted: 'No longer there',
    show: (name: string) => `Show only ${name}`,
    none: 'No credential was used in this period',
    noneText: 'Make the first call and it shows here within seconds.',
    start: 'Get started',
    more: (count: number) => `The ${count} with the most calls are shown.`,
  },
  organizations: {
    title: 'By organization',
    intro: 'All organizations of this server in this period.',
    more: (count: number) => `Of all organizations of this server, the ${count} with the most calls.`,
    name: 'Organization',
    calls: 'Calls',
    share: 'Share',
    show: (name: string) => `Show the usage of ${name}`,
    deleted: 'No longer there',
    none: 'No organization was called for in this period.',
  },
  rules: {
    title: 'By path',
    rule: 'Path',
    /** What is not a guarded path. */
    named: { exchange: 'Exchange for an access token', keyward: "Keyward's own API", '': 'No path named' } as Record<
      string,
      string
    >,
    none: 'No calls in this period',
  },
};
