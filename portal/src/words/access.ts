// Texts that the pages of access management share.

export const accessWords = {
  actionsFor: (name: string) => `Actions for ${name}`,
  gone: (what: string) => `Somebody else has deleted this ${what} meanwhile. The page shows what is there now.`,
  changedMeanwhile: (what: string) =>
    `Somebody else has changed this ${what} while you were here. The page behind this window shows what it is now; press the button again if your change is still right.`,
  state: {
    active: 'Active',
    inactive: 'Deactivated',
    refused: 'Refused',
    powerless: 'Without a role',
    expired: 'Expired',
    deleted: 'Deleted',
    rotating: 'Rotating',
    invited: 'Invited',
    builtIn: 'Built in',
  },
  stateText: {
    active: 'It works.',
    inactive: 'It is refused until somebody activates it again.',
    refused: 'Its owner was deactivated or deleted, so it is refused.',
    powerless: 'The role behind it is gone: it is let in and may do nothing.',
    expired: 'Its end has passed. It is refused.',
    deleted: 'It is refused. It can be restored.',
    rotating: 'It has a new secret, and the one before still works.',
    invited: 'The invitation was not accepted yet.',
    builtIn: 'It comes with Keyward and cannot be changed.',
  },
  permissions: {
    everything: 'Everything.',
    pattern: 'Everything of the APIs that fits this pattern, now and later; nothing of Keyward itself.',
    unknown: 'Not in the catalogue of permissions.',
    none: 'Nothing: it has no permissions.',
  },
  made: {
    endToo: (count: number) =>
      count === 1 ? 'End the one thing that it made, too' : `End the ${count} things that it made, too`,
    endTooMany: 'End what was made with it, too',
    endTooText: 'API tokens, API users and users, and what these made in turn.',
    named: (names: readonly string[], more: number) => names.join(', ') + (more > 0 ? ` and ${more} more` : ''),
    kind: { user: 'user', api_user: 'API user', api_token: 'API token' },
  },
  role: {
    none: 'No role',
    choose: 'Choose a role',
    notGivable: (name: string) => `${name}: holds more than you do`,
  },
  neverUsed: 'Never used',
  noEnd: 'No end',
  more: (count: number) => `+${count}`,
  moreList: (names: readonly string[]) => names.join(', '),
  apiUser: 'API user',
  you: 'you',
  from: 'from',
  save: 'Save',
  done: 'Done',
};
