// Texts of the pages about applications: the list, one application, and what people let them do.

export const applicationsWords = {
  title: 'Applications',
  one: 'Application',
  intro:
    'Programs that people let act for them: a page with a “Sign in” button, a command-line tool, an agent. People sign in here; the program never sees their password.',
  tabs: { label: 'Applications, or what people allow them', registered: 'Applications', allowed: 'What people allow' },
  create: 'Register application',
  search: 'Search by name or redirect URI',
  none: 'No applications yet',
  noneText:
    'Register each program that signs people in. It gets an id, and may ask people for no more than you allow it here.',
  columns: {
    name: 'Name',
    state: 'State',
    kind: 'Where it runs',
    grants: 'What it can do',
    people: 'People',
    lastUsed: 'Last used',
    actions: 'Actions',
  },
  by: 'by',
  system: 'Keyward itself',
  kind: { confidential: 'On a server', public: 'In a browser or on a device' },
  grants: {
    authorization_code: 'Sign people in',
    refresh_token: 'Stay signed in',
    'urn:ietf:params:oauth:grant-type:device_code': 'Sign in by a code',
  } as Readonly<Record<string, string>>,
  act: {
    change: 'Change',
    rotate: 'New secret',
    activate: 'Activate',
    deactivate: 'Deactivate',
    delete: 'Delete',
    people: 'Who lets it act',
  },
  new: {
    title: 'Register an application',
    name: 'Name',
    nameHint: 'People read it when they are asked whether it may act for them.',
    namePlaceholder: 'Monthly reports',
    nameNeeded: 'Give it a name that people will recognise.',
    type: 'Where does it run?',
    types: {
      secret: ['On a server', 'It can keep a secret. It gets one, which you see once, when it is made.'],
      keys: [
        'On a server, with a key of its own',
        'It signs with a key that never leaves it, and there is no secret that could leak. You give the public part (private_key_jwt).',
      ],
      public: [
        'In a browser or on a device',
        'Whoever has the program could read a secret in it, so it gets none. It proves at each sign-in that it is the one that began it.',
      ],
    } as Readonly<Record<'secret' | 'keys' | 'public', readonly [string, string]>>,
    keys: 'Public keys',
    keysHint: 'The https address where it publishes them, or the keys themselves as JSON: a JWK, or several as a JWKS.',
    keysNeeded: 'Say where its keys are, or paste them.',
    keysMalformed: 'This is no https address, and no JSON with keys such as {"keys":[{"kty":"EC", …}]}.',
    grants: 'What can it do?',
    grantTexts: {
      authorization_code: [
        'Sign people in with a browser',
        'The usual way: the program sends people here, and they come back to it once they have allowed it.',
      ],
      refresh_token: [
        'Stay signed in',
        'It goes on without asking again: until it was not used for 30 days, and for 90 days at most.',
      ],
      'urn:ietf:params:oauth:grant-type:device_code': [
        'Sign people in by a code',
        'For what has no browser, such as a terminal or a television: people type its code on another device.',
      ],
    } as Readonly<Record<string, readonly [string, string]>>,
    grantNeeded: 'Let it sign people in, with a browser or by a code.',
    redirectUris: 'Redirect URIs',
    redirectUrisHint:
      'Where people come back to, one on each line, compared letter by letter: * and # are not taken. Use https; or http for 127.0.0.1, [::1] and localhost, where any port will do; or a scheme of your own after a domain of yours, such as com.example.app:/callback.',
    redirectUrisNeeded: 'Name at least one address that people come back to.',
    permissions: 'What may it ask for at most?',
    permissionsHint:
      'People are told what it asks for, in these words, and decide. Nobody can allow it more than they may do themselves.',
    permissionsNeeded: 'Choose at least one permission. Without any it could ask for nothing.',
    logoUrl: 'Logo',
    logoUrlHint:
      'Optional: the https address of a picture, for programs that list applications. These pages load no pictures from elsewhere.',
    go: 'Register',
    made: 'The new application',
    note: 'Put both into the program. The secret is shown this once; nobody can look at it again.',
    id: 'Client ID',
    secret: 'Client secret',
    done: (name: string) => `${name} is registered.`,
  },
  change: {
    title: (name: string) => `Change ${name}`,
    note: (count: number) =>
      `Where it may do less than before, it stops acting for ${peopleCount(count)} at once. They come back without being asked for what they have allowed already.`,
    keysHint: {
      keys: 'The https address where it publishes them, or the keys themselves as JSON. They take the place of those before, at once.',
      secret:
        'Optional: the https address where it publishes keys of its own, or the keys themselves as JSON. They take the place of its secret, at once.',
    },
    done: 'Saved.',
  },
  rotate: {
    title: (name: string) => `Make a new secret for ${name}?`,
    text: 'The secret from before stops at once: until the program has the new one it signs nobody in. What people have allowed stays.',
    go: 'Make a new secret',
    made: 'The new secret',
    note: 'Put it into the program. It is shown this once; nobody can look at it again.',
  },
  deactivate: {
    title: (name: string) => `Deactivate ${name}?`,
    text: (count: number) =>
      count === 0
        ? 'It signs nobody in any more, until somebody activates it again.'
        : `It stops acting for ${peopleCount(count)} at once, everywhere. What they have allowed is kept for when it is activated again.`,
    done: 'The application is deactivated.',
  },
  delete: {
    title: (name: string) => `Delete ${name}?`,
    text: (count: number) =>
      count === 0
        ? 'It signs nobody in any more. This cannot be undone.'
        : `It signs ${peopleCount(count)} out of it at once, everywhere, and what they have allowed is forgotten. This cannot be undone.`,
    done: 'The application is deleted.',
  },
  activated: 'The application is active again.',
};

export const applicationWords = {
  back: 'Applications',
  gone: 'This application is not there',
  goneText: 'It was deleted, or it belongs to another organization.',
  toList: 'To the list of applications',
  details: {
    title: 'Details',
    id: 'Client ID',
    kind: 'Where it runs',
    proof: 'Proves itself by',
    keys: 'Public keys',
    pasted: (count: number) => (count === 1 ? '1 key, written down here' : `${count} keys, written down here`),
    proofs: {
      none: 'Having begun the sign-in (PKCE)',
      client_secret_basic: 'Its secret',
      private_key_jwt: 'A key of its own',
    },
    grants: 'What it can do',
    redirectUris: 'Redirect URIs',
    noRedirectUris: 'None',
    people: 'Acts for',
    who: 'See who',
    lastUsed: 'Last used',
    created: 'Registered',
    logoUrl: 'Logo',
  },
  permissions: {
    title: 'What it may ask for at most',
    intro: 'People decide, and can allow no more than they may do themselves.',
  },
  snippets: {
    title: 'Sign people in with it',
    intro: 'Any OAuth 2.1 library does this by itself; these are the same steps by hand.',
    begin: 'Sign in',
    redeem: 'Get tokens',
    device: 'Ask for a code',
    poll: 'Poll',
    refresh: 'Renew',
    node: 'Node',
    settings: 'For a library',
    /** What stands in place of what the page does not know. */
    secret: 'CLIENT_SECRET',
  },
};

export const authorizationsWords = {
  title: 'What people let applications do',
  intro:
    'Each line is one person, one application and one API. Ending it signs the application out for this person at once; the person can allow it again.',
  none: 'Nobody lets an application act',
  noneText: 'What people allow stands here from the first time that an application signs one of them in.',
  columns: {
    person: 'Person',
    application: 'Application',
    api: 'API',
    scope: 'What it may do',
    since: 'Since',
    lastUsed: 'Last used',
    actions: 'Actions',
  },
  of: (organization: string) => `of ${organization}`,
  at: (api: string) => `at ${api}`,
  filters: {
    user: 'Person',
    anyUser: 'Anybody',
    application: 'Application',
    anyApplication: 'Any application',
    clear: 'Clear',
    nothing: 'Nothing found',
  },
  end: 'End',
  endOne: (application: string, person: string) => `End what ${application} may do for ${person}`,
  ask: {
    title: (application: string, person: string) => `End what ${application} may do for ${person}?`,
    text: 'It stops acting for this person at once, everywhere. The person can let it act again, and is then asked anew.',
    go: 'End it',
    done: (application: string) => `${application} does not act for this person any more.`,
  },
};

/** `12 people`. */
export function peopleCount(count: number): string {
  return count === 1 ? '1 person' : `${count.toLocaleString()} people`;
}
