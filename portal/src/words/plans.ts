// Texts of plans and limits.

export const planWords = {
  title: 'Plans and limits',
  intro:
    'A plan says how many calls may be made in a stretch of time, and whose calls count together. Calls beyond a limit are refused until some return.',
  own: {
    title: 'Your organization',
    plan: 'Plan',
    contributors: 'Contributors',
    comesTo: 'Comes to',
    alsoLeft: (remaining: string, limit: string, window: string) => `${remaining} left of ${limit} calls ${window}`,
    countedBy: 'Counted',
    change: 'Change',
    unlimited: 'No plan limits this organization.',
    noLimit: 'No limit',
    meter: 'Calls left',
    left: (remaining: string) => `${remaining} left`,
    of: (limit: string, window: string) => `of ${limit} calls ${window}`,
    used: (used: string, window: string) => `${used} used ${window}`,
    full: 'All of it is left.',
    next: (wait: string) => `Some of what was used comes back ${wait}.`,
    spent: (wait: string) => `The budget is spent. The next call is let in ${wait}.`,
    soon: 'in a moment',
    in: (wait: string) => `in ${wait}`,
    live: 'Renewed every three seconds. Looking spends nothing.',
  },
  list: {
    title: 'Plans',
    name: 'Plan',
    calls: 'Calls',
    counted: 'Counted',
    unavailable: 'If counting fails',
    actions: 'Actions',
    yours: 'Yours',
    none: 'There are no plans',
    noneText: 'Without a plan nothing is limited.',
    unlimited: 'No limit',
    add: 'New plan',
    edit: 'Edit',
    editOne: (name: string) => `Edit ${name}`,
    give: 'Give',
    giveOne: (name: string) => `Give ${name} to an organization`,
    cap: (cap: string) => `at most ${cap}`,
  },
  per: {
    organization: 'For each organization',
    contributor: 'For each contributor',
    api_token: 'For each credential',
    address: 'For each address',
  },
  perText: {
    organization: 'All of an organization’s calls share it.',
    contributor: 'It is multiplied by the organization’s contributors.',
    api_token: 'Each API token, API user and person has its own.',
    address: 'Each client address has its own, in each organization.',
  },
  unavailable: {
    local: 'Spend what is leased, then refuse',
    deny: 'Refuse at once',
    allow: 'Spend what is leased, then let in',
  },
  form: {
    newTitle: 'New plan',
    editTitle: (name: string) => `Plan ${name}`,
    id: 'Id',
    idText: 'Lower-case letters, digits, - and _. It cannot be changed later.',
    name: 'Name',
    limit: 'Calls',
    window: 'In',
    unit: 'Unit of time',
    units: { 1000: 'seconds', 60000: 'minutes', 3600000: 'hours', 86400000: 'days' } as Record<string, string>,
    per: 'Counted',
    cap: 'At most, however many contributors',
    capText: 'Leave empty for no cap.',
    unavailable: 'If several servers share the counting and it fails',
    limits: 'Limits',
    limitNumber: (number: number) => `Limit ${number}`,
    unlimited: 'This plan limits nothing.',
    ofToken: 'How often may it be used?',
    ofTokenHint:
      'Beside the plan of your organization, which counts all the same. What the token makes spends this too.',
    unlimitedToken: 'The plan of your organization alone limits it.',
    addLimit: 'Add a limit',
    remove: 'Remove',
    removeLimit: (number: number) => `Remove limit ${number}`,
    note: 'Changes take effect at once, for every organization with this plan.',
    save: 'Save plan',
    whole: 'Use a whole number from 1 on.',
    saved: (name: string) => `The plan ${name} is saved.`,
  },
  give: {
    title: 'Give a plan',
    titleFor: (name: string) => `Plan of ${name}`,
    organization: 'Organization',
    search: 'Type to search',
    nothing: 'No organization matches.',
    plan: 'Plan',
    contributors: 'Contributors',
    contributorsText: 'Plans that count contributors are multiplied by this.',
    comesTo: (limit: string) => `Comes to ${limit}.`,
    go: 'Save',
    needed: 'Choose one.',
    done: (organization: string) => `The plan of ${organization} is saved.`,
  },
  /** Such as `an hour` or `every 5 minutes`. */
  window(ms: number): string {
    for (const [length, one, many] of [
      [86_400_000, 'a day', 'days'],
      [3_600_000, 'an hour', 'hours'],
      [60_000, 'a minute', 'minutes'],
      [1000, 'a second', 'seconds'],
    ] as const) {
      if (ms === length) return one;
      if (ms > length && ms % length === 0) return `every ${ms / length} ${many}`;
    }
    return `every ${ms} ms`;
  },
  /** Such as `in the last hour`. */
  lately(ms: number): string {
    for (const [length, one, many] of [
      [86_400_000, 'day', 'days'],
      [3_600_000, 'hour', 'hours'],
      [60_000, 'minute', 'minutes'],
      [1000, 'second', 'seconds'],
    ] as const) {
      if (ms === length) return `in the last ${one}`;
      if (ms > length && ms % length === 0) return `in the last ${ms / length} ${many}`;
    }
    return `in the last ${ms} ms`;
  },
  callsOf: (limit: string, window: string) => `${limit} calls ${window}`,
};
