// Texts of the page of API users.

export const apiUsersWords = {
  title: 'API users',
  intro:
    'An account for a machine: it signs in with a username and a password that nobody chose, and gets short-lived access tokens for them.',
  create: 'Create API user',
  search: 'Search by name',
  none: 'No API users yet',
  noneText:
    'Create one for each machine or job that signs in with a username and a password. You see the password once, when it is made.',
  columns: {
    name: 'Name',
    role: 'Role',
    lastUsed: 'Last used',
    created: 'Created',
    state: 'State',
    actions: 'Actions',
    oldUntil: 'Old password stops',
  },
  filter: { label: 'Show', present: 'All API users', deleted: 'Deleted' },
  act: {
    edit: 'Rename or change role',
    tokens: 'API tokens it owns',
    calls: 'Recent calls',
    rotate: 'Rotate password',
    overlap: 'Old password',
    successor: 'Create a successor',
    activate: 'Activate',
    deactivate: 'Deactivate',
    delete: 'Delete',
    restore: 'Restore',
  },
  new: {
    title: 'Create an API user',
    name: 'Name',
    nameHint: 'Which machine or job is it for?',
    namePlaceholder: 'Warehouse scanner',
    nameNeeded: 'Give it a name, so that you know later what uses it.',
    role: 'Role',
    roleHint: 'What it may do.',
    roleNeeded: 'Choose a role.',
    go: 'Generate',
    made: 'The new API user',
    note: 'Put both into the program that uses them. The password is shown this once; nobody can look at it again.',
  },
  edit: { title: 'Rename or change the role', done: 'Saved.' },
  successor: {
    title: (name: string) => `Create a successor of ${name}?`,
    text: 'You get a second API user with the same name and role, and a new password. Put it into the program first, then deactivate the old one: so nothing stands still.',
    go: 'Create successor',
    made: 'The successor',
  },
  deactivate: {
    title: (name: string) => `Deactivate ${name}?`,
    text: 'It cannot sign in any more from now on. You can activate it again; its password stays the same.',
    counting: 'Looking how many access tokens it may still have …',
    about: (count: number) =>
      count === 0
        ? 'It got no access tokens lately.'
        : count === 1
          ? 'About 1 access token that it got may still be in use.'
          : `About ${count.toLocaleString()} access tokens that it got may still be in use.`,
    unknown: 'How many access tokens may still be in use could not be found out.',
    choice: 'What about the access tokens it has?',
    runOut: 'Let them run out',
    runOutText:
      'Those from the RebelCore way of signing in go on until they end by themselves, within 24 hours at most. All others end at once.',
    cutOff: 'Cut them off now',
    cutOffText: 'All of them end at once. Choose this if the password has leaked.',
    go: 'Deactivate',
    done: 'The API user is deactivated.',
    doneCut: 'The API user is deactivated, and its access tokens have ended.',
  },
  delete: {
    title: (name: string) => `Delete ${name}?`,
    text: 'It cannot sign in any more, and every access token that it has ends at once. You find it under “Deleted” and can restore it from there.',
    go: 'Delete',
    done: 'The API user is deleted.',
  },
  done: { activate: 'The API user is active again.', restore: 'The API user is restored.' },
};
