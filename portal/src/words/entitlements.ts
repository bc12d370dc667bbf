// Texts of what organizations may hold at most.

export const entitlementWords = {
  column: 'May hold',
  everything: 'Everything',
  nothing: 'Nothing',
  asPlan: 'As its plan',
  field: {
    plan: 'What organizations on this plan may hold',
    organization: 'What it may hold',
    hint: 'Of the permissions of your APIs. Keyward’s own, such as read:user, are a matter of roles alone.',
    asPlan: 'What its plan says',
    asPlanText: (now: string) => `It changes with the plan. Now: ${now}.`,
    all: 'Everything',
    allText: 'All permissions of your APIs, now and later.',
    chosen: 'Chosen permissions',
    chosenText: 'These and no others; a pattern such as read:* takes in what is registered later.',
    permissions: 'Permissions',
    none: 'Nothing is chosen: no call that needs a permission is let in.',
  },
  change: {
    title: (name: string) => `What ${name} may hold`,
    done: (name: string) => `What ${name} may hold is saved.`,
  },
  narrowing: {
    label: 'What this takes away',
    takes: (names: string) => `This takes away ${names}.`,
    effect:
      'It counts at once, for people, API users and tokens, those that are in use too. Nothing is deleted: what you allow again later comes back.',
    nobody: 'No organization goes by this plan now.',
    organizations: (names: string) => `It counts for ${names}.`,
    tokens: (count: number, isMore: boolean, names: string) =>
      `${isMore ? 'At least ' : ''}${count === 1 ? '1 API token loses' : `${count} API tokens lose`} something: ${names}.`,
    noTokens: 'No API token that is active now has any of it.',
    noTokensSeen: 'None of the 200 newest API tokens that are active now has any of it.',
    of: (token: string, organization: string) => `${token} of ${organization}`,
  },
  /** Such as `a, b and 3 more`. */
  firstOf(names: readonly string[], most = 4): string {
    const rest = names.length - most;
    if (rest > 0) return `${names.slice(0, most).join(', ')} and ${rest} more`;
    return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  },
};
