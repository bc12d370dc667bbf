// Texts of the signing keys page.

export const signingKeyWords = {
  title: 'Signing keys',
  intro:
    'Keyward signs access tokens with these keys, so that your services can check them by themselves. Keys are replaced without anybody noticing: the new one is published before it signs, and the old one still verifies until the last token it signed has ended.',
  published: 'Public keys (JWKS)',
  profiles: {
    oauth: {
      title: 'Access tokens of Keyward',
      text: 'Made by /v1/access-tokens and by signing in from the command line.',
    },
    debricked: { title: 'Tokens of the Debricked dialect', text: 'Made by /api/login_check and /api/login_refresh.' },
    parsers: { title: 'Tokens of the Parsers dialect', text: 'Made by /v2/auth/token.' },
  },
  chosen: {
    title: (kind: string, algorithm: string) => `${kind}, ${algorithm}`,
    text: 'Made by /oauth/token for APIs that chose this algorithm.',
  },
  states: {
    signs: 'Signs now',
    upcoming: 'Signs soon',
    verifies: 'Verifies only',
    ended: 'Ended',
    revoked: 'Revoked',
  },
  columns: { key: 'Key', state: 'State', since: 'Made', until: 'Verifies until', actions: 'Actions' },
  noEnd: 'No end set',
  overlap: {
    upcoming: (at: string, wait: string) =>
      `The new key is published and signs from ${at}, in ${wait}. Until then the old one signs.`,
    old: (at: string, wait: string) => `Tokens signed with the old key still verify until ${at}, for another ${wait}.`,
    none: 'One key signs and verifies. Nothing is being replaced.',
  },
  rotate: {
    button: 'Rotate',
    label: (profile: string) => `Rotate: ${profile}`,
    title: 'Rotate this signing key?',
    text: 'A new key is published now and signs in ten minutes, so that everyone who keeps a copy of the public keys has it by then. Tokens signed with the old key work until they end, at most a day later. Nothing breaks, and nobody has to sign in again.',
    go: 'Rotate',
    done: 'The new key is published and signs in ten minutes.',
  },
  revoke: {
    button: 'Revoke',
    label: (kid: string) => `Revoke ${kid}`,
    title: 'Revoke this signing key?',
    text: 'Every token signed with this key stops working at once, for everyone in every organization on this server. Clients must get new tokens. Do this only if the key may have leaked; otherwise rotate.',
    replaced: 'A new key takes its place at once.',
    go: 'Revoke the key',
    done: 'The key is revoked. Tokens signed with it are refused from now on.',
  },
  showEnded: (count: number) => (count === 1 ? 'Show 1 ended key' : `Show ${count} ended keys`),
  hideEnded: 'Hide ended keys',
  operatorsOnly: 'Keys belong to the whole server. Its operators rotate and revoke them.',
};
