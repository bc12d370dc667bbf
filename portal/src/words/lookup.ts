// Texts of finding out whose a credential is.

export const lookupWords = {
  text: 'Paste a secret that was found somewhere: an API token or an access token. Or the beginning and the end of one, as lists show it.',
  label: 'Secret, or its beginning…end',
  hint: 'It is sent to this server, kept nowhere, and in no address.',
  needed: 'Paste the secret, or its beginning, … and its last four characters.',
  go: 'Find',
  none: 'Nobody’s',
  noneText:
    'No organization has a credential with this secret that you may see. It may be of another server, mistyped, or of something that was deleted long ago.',
  found: (count: number) => (count === 1 ? 'One credential' : `${count} credentials`),
  type: { user: 'User', api_user: 'API user', api_token: 'API token' },
  rows: {
    organization: 'Organization',
    owner: 'Owner',
    what: 'What it is',
    state: 'State',
    now: 'A call with it now',
    ends: 'Ends',
  },
  form: {
    current: 'its secret',
    previous: 'its secret from before a rotation',
    access_token: 'an access token made from it',
  },
  noEnd: 'By itself never',
  allowed: 'would be let in',
  refused: (why: string) => `would be refused: ${why}`,
  open: (name: string, organization: string) => `Open ${name} in ${organization}`,
  another: 'Find another',
};
