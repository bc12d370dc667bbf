// Texts of "Get started".

export const getStartedWords = {
  title: 'Get started',
  intro: 'Four steps to your first call.',
  ways: {
    title: 'How does your client authenticate?',
    own: 'Most clients',
    others: 'Clients that speak the language of another system',
    names: {
      token: ['An API token on each call', 'The simplest: one secret, sent as a bearer. For scripts, jobs and CI.'],
      exchange: [
        'An API token, exchanged',
        'The token is sent once for an access token of an hour, which goes on each call. The secret itself travels rarely.',
      ],
      'api-user': [
        'A username and a password',
        'An API user: for machines that expect a login. Exchanged for an access token too.',
      ],
      debricked: ['Debricked', 'A refresh token for a JWT, as Debricked’s clients do it.'],
      parsers: ['Parsers', 'An API key as the user of HTTP Basic, for a JWT.'],
      versio: ['Versio', 'An API token in the apiToken scheme on each call.'],
      rebelcore: ['RebelCore', 'A username and a password for an opaque token of 24 hours.'],
    } as Record<string, readonly [title: string, text: string]>,
  },
  credential: {
    title: 'Have a credential',
    filled: (name: string) => `The snippets below hold your new credential ${name}.`,
    filledText: 'It is in this page’s memory alone and gone when you leave the page.',
    mismatch: (name: string) => `Your new credential ${name} is of the other kind and does not fit this way.`,
    token: 'Create an API token, or paste one that you have. What you paste stays in this page.',
    apiUser: 'Create an API user, or paste the credentials of one. What you paste stays in this page.',
    createToken: 'Create an API token',
    createApiUser: 'Create an API user',
    mayNot: 'You may not create one yourself. Ask an admin of your organization.',
    pasteToken: 'API token',
    username: 'Username',
    password: 'Password',
    odd: 'This has characters that no credential of this server has.',
    needs: {
      exchange: 'The token must be one that may be exchanged.',
      debricked: 'The token must be one that may be exchanged, and its owner needs the permission access:api.',
      parsers: 'The token must be one that may be exchanged.',
      versio: 'The token must be one that may be used on calls.',
    } as Record<string, string>,
  },
  call: {
    title: 'Make a call',
    check:
      'The call asks the server whether the credential is good, as a guarded API would. Put your own API’s address in its place later.',
    placeholder: 'Until you have a credential, the snippets hold a placeholder.',
  },
  wait: {
    title: 'See it arrive',
    waiting: 'Waiting for your first call …',
    waitingText: 'A call shows here within about five seconds.',
    received: 'Received',
    receivedFrom: (who: string) => `Your first call with ${who} has arrived.`,
    address: (address: string) => `From ${address}`,
    again: 'Wait for another',
    refused: 'A call arrived, but was refused',
    next: 'What next? Give your API a guard, invite your team, or see your calls on the usage page.',
    usage: 'Usage',
    verifiers: 'Guard an API',
  },
};
