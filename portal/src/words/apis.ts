// Texts of the page of APIs and of the dialogs about what they can be asked to do.

export const apisWords = {
  title: 'APIs',
  intro:
    'What Keyward guards, and what each API can be asked to do. Every organization sees the same; only you, who operate this server, change it.',
  operatorsOnly: 'Only the organization that operates this server keeps its APIs.',
  create: 'New API',
  search: 'Search permissions',
  noMatches: 'None matches the search.',
  facts: { handle: 'Handle', identifier: 'Identifier', signingAlgorithm: 'Tokens are signed with' },
  act: {
    register: 'Register permission',
    registerIn: (name: string) => `Register permission of ${name}`,
    change: 'Rename or describe',
    delete: 'Delete',
    describe: 'Describe',
    holders: 'Who has it',
  },
  columns: { name: 'Permission', description: 'What it allows', group: 'Group', actions: 'Actions' },
  noText: 'Not described',
  none: 'This API has no permissions yet',
  noneText: 'Register the first, such as read:orders. Then it can be given to roles and tokens.',
  new: {
    title: 'New API',
    handle: 'Handle',
    handleHint: 'Lower-case letters, digits, - and _. Routes and requests name it by this, so it stays.',
    name: 'Name',
    identifier: 'Identifier',
    identifierHint:
      'Optional: the absolute URI that access tokens are made out to. Without one it lies beneath this server’s address.',
    signingAlgorithm: 'Access tokens are signed with',
    signingAlgorithmHint:
      'Of /oauth/token alone. What checks them must know the algorithm: tokens that are there keep theirs, new ones get this.',
    signingAlgorithms: {
      ES256: 'ES256: short, and known to nearly all libraries',
      RS256: 'RS256: longer, for libraries that know RSA alone',
      EdDSA: 'EdDSA: Ed25519, where everything that checks them knows it',
    },
    description: 'What is it?',
    go: 'Create API',
    done: (name: string) => `The API ${name} is there. Register what it can be asked to do.`,
  },
  change: {
    title: (name: string) => `Change ${name}`,
    identifierHint: 'The absolute URI that access tokens are made out to. Empty: beneath this server’s address.',
    done: 'Saved.',
  },
  delete: {
    title: (name: string) => `Delete ${name}?`,
    text: 'Its permissions go with it and can no longer be chosen. Routes that lead to it answer 503.',
    go: 'Delete',
    done: 'The API is deleted.',
  },
  holders: {
    title: (permission: string) => `Who has ${permission}`,
    nobody: 'Nobody has it by its name, and no route requires it.',
    patterns: 'Who holds it by a pattern, such as read:*, is not counted here.',
    counts: (roles: number, tokens: number, applications: number) =>
      [
        roles === 1 ? '1 role' : `${roles} roles`,
        tokens === 1 ? '1 API token' : `${tokens} API tokens`,
        applications === 1 ? '1 application' : `${applications} applications`,
      ].join(', '),
    kind: { role: 'Role', api_token: 'API token', application: 'Application' },
    of: (organization: string) => `of ${organization}`,
    more: (count: number) => `And ${count} more.`,
    routes: 'Routes that require it',
  },
};
