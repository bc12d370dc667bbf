// Texts of the catalogue of permissions.

export const permissionsWords = {
  title: 'Permissions',
  intro:
    'What your API can be asked to do, such as read:funds. Tokens and roles are given permissions; your API asks for them. List here those that your API knows, so that people can choose them.',
  create: 'Register permission',
  search: 'Search permissions',
  own: 'Your API',
  ownIntro: 'Registered by who operates this server, for what Keyward guards. Routes bring theirs by themselves.',
  none: 'Your API has no permissions yet',
  noneText: 'Register the first, such as read:funds: who holds it may read funds. Then give it to tokens and roles.',
  noMatches: 'None matches the search.',
  builtIn: 'Keyward itself',
  builtInIntro:
    'What can be done in Keyward: these come with it and cannot be changed. Patterns such as read:* do not reach them.',
  columns: { name: 'Name', description: 'What it allows', actions: 'Actions' },
  noText: 'Not described',
  act: { describe: 'Describe', tokens: 'Tokens that have it', delete: 'Delete' },
  new: {
    title: 'Register a permission',
    name: 'Name',
    nameHint: 'Something to do, a colon, and what it is done to. It cannot be changed later.',
    namePlaceholder: 'read:funds',
    nameNeeded: 'Type a name such as read:funds.',
    description: 'What does it allow?',
    descriptionHint: 'In plain words, for those who will choose it.',
    api: 'API',
    group: 'Group',
    groupHint: 'Optional: permissions of one group stand together where they are chosen.',
    go: 'Register',
    done: 'The permission is registered.',
  },
  describe: { title: (name: string) => `Describe ${name}`, done: 'Saved.' },
  delete: {
    title: (name: string) => `Delete ${name}?`,
    text: 'It can no longer be chosen. While a role or an API token has it, it stays.',
    force: 'Take it from all roles and API tokens that have it',
    go: 'Delete',
    done: 'The permission is deleted.',
  },
};
