// Texts about signing in without a secret: federated credentials of an API user.

export const federatedWords = {
  act: 'Sign-in without a secret',
  title: (name: string) => `Sign-in of ${name} without a secret`,
  intro:
    'A pipeline or a cluster signs in with a token that it has anyway, and no password is kept there. Name who makes these tokens and what must stand in them.',
  none: 'No outside tokens are taken yet.',
  add: 'Add',
  itself: 'Signs its tokens itself, with a key of its own',
  from: 'Tokens of',
  for: 'for',
  remove: 'Remove',
  removeNamed: (name: string) => `Remove ${name}`,
  removal: {
    text: (name: string) =>
      `${name} is not taken any more, and every access token that was made through it ends at once, everywhere.`,
    go: 'Remove',
    done: 'Removed. What was made through it has ended.',
  },
  new: {
    preset: 'Where does it run?',
    presets: { github: 'GitHub Actions', gitlab: 'GitLab CI', kubernetes: 'Kubernetes', other: 'Somewhere else' },
    name: 'Name',
    nameNeeded: 'Give it a name, so that you know later what signs in by it.',
    issuer: 'Issuer',
    issuerHint: 'Exactly what stands in the token as iss.',
    issuerNeeded: 'Say who makes the tokens.',
    audience: 'Audience',
    audienceHint: 'What the pipeline asks a token for (aud). Left empty, it is the address of this server.',
    conditions: 'What must stand in the token',
    conditionsHint:
      'One claim a line. * stands for any characters: acme/* is every repository of acme, and of nobody else.',
    conditionsNeeded: 'Name at least one claim and what it must be, such as sub = …',
    conditionMalformed: (line: string) => `“${line}” is not of the form claim = text.`,
    go: 'Trust these tokens',
    done: 'Tokens like these are taken now.',
  },
};
