// Texts of the start page.

export const homeWords = {
  title: (name: string) => `Hello, ${name}`,
  intro: 'Where would you like to go?',
  cards: {
    getStarted: {
      title: 'Get started',
      text: 'Make your first call: pick how your client signs in and copy a snippet.',
    },
    tokens: { title: 'API tokens', text: 'Create, rotate and switch off the secrets that call your API.' },
    apiUsers: { title: 'API users', text: 'Machine accounts with a username and a generated password.' },
    people: { title: 'Users and roles', text: 'Invite people and decide what they may do.' },
    usage: { title: 'Usage', text: 'Who calls, how often, and why calls are refused.' },
    journal: {
      title: 'Journal',
      text: 'Every change, by whom and when, in a record that cannot be altered unnoticed.',
    },
  },
};
