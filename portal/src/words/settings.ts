// Texts of the settings page.

export const settingWords = {
  title: 'Settings',
  intro: 'Your organization, and how this server works.',
  organization: {
    title: 'Organization',
    name: 'Name',
    nameText: 'Lower-case letters, digits, - and _. It stands in addresses, so renaming may break some.',
    plan: 'Plan',
    contributors: 'Contributors',
    contributorsOf: (count: string) => count,
    id: 'Id',
    save: 'Rename',
    saved: (name: string) => `Your organization is called ${name} now.`,
    operator: 'This organization operates the server.',
  },
  dialects: {
    title: 'Dialects',
    intro: 'The wire languages that this server speaks. All of them reach the same tokens, users and rules.',
    on: 'On',
    off: 'Off',
    texts: {
      native: ['Keyward’s own', 'REST under /v1, and this portal.'],
      oauth2: ['OAuth 2.0', '/oauth/token and its siblings; access tokens for one API and a scope.'],
      debricked: ['Debricked', '/api/login_check and /api/login_refresh; refresh tokens for JWTs.'],
      parsers: ['Parsers', '/v2/auth/token; Basic for JWTs.'],
      versio: ['Versio', 'The apiToken scheme and query parameter on guarded paths.'],
      bluebricks: ['Bluebricks', '/api/v1/auth/key and its siblings; API keys as bearers.'],
      rebelcore: ['RebelCore', '/api/v1/authorize; usernames and passwords for opaque tokens.'],
    } as Record<string, readonly [name: string, text: string]>,
  },
  server: {
    title: 'Server',
    url: 'Address',
    version: 'Version',
    database: 'Database',
    databases: { sqlite: 'SQLite', postgresql: 'PostgreSQL' } as Record<string, string>,
    prefix: 'New API tokens begin with',
    failures: 'Failed sign-ins',
    failuresText: (count: number) => `At most ${count.toLocaleString()} a minute, for each name and address`,
    idle: 'Sessions end',
    idleText: (idle: string, whole: string) => `After ${idle} without use, and after ${whole} in any case`,
    where: 'Where to change this',
    whereText: (file: string) =>
      `In ${file}, by environment variables or by flags of “keyward serve”; it takes effect when the server starts again. Nothing here can be changed in the portal, so that a stolen session cannot loosen the server.`,
    whereOthers: 'Whoever runs this server changes it in the server’s file.',
  },
};
