// Texts about signing in without a secret: federated credentials of an API user.

export type Preset = 'github' | 'gitlab' | 'kubernetes' | 'other' | 'key';

/** The boxes that a recipe fills the conditions from. */
export interface RecipeWords {
  place: string;
  placeholder: string;
  placeNeeded: string;
  which: string;
  /** Label of the choice, label of its box, and what stands in it; a box without words is not shown. */
  choices: Readonly<Record<string, readonly [choice: string, box: string, placeholder: string]>>;
}

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
  back: 'Back to the list',
  how: 'How to use it',
  howNamed: (name: string) => `How to use ${name}`,
  howIntro: {
    github: 'Put this into a workflow of the repository. The steps after it have the access token in ACCESS_TOKEN.',
    gitlab: 'Put this into .gitlab-ci.yml. What follows in the script has the access token in ACCESS_TOKEN.',
    kubernetes: 'Give the pod this volume, and let the program sign in with the file that lies in it.',
    other: 'With its token in JWT, the program asks for an access token so.',
    key: 'For each sign-in the program signs a token with these claims, puts it into JWT, and asks so. Libraries call it private_key_jwt.',
  },
  steps: {
    workflow: 'Workflow',
    pipeline: 'Pipeline',
    volume: 'Pod',
    claims: 'Claims',
    call: 'Call',
  },
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
    presets: {
      github: 'GitHub Actions',
      gitlab: 'GitLab CI',
      kubernetes: 'Kubernetes',
      other: 'Somewhere else that makes tokens',
      key: 'Anywhere, with a key of its own',
    } satisfies Record<Preset, string>,
    recipes: {
      github: {
        place: 'Repository',
        placeholder: 'acme/shop',
        placeNeeded: 'Say which repository, as OWNER/NAME.',
        which: 'Which runs of it?',
        choices: {
          branch: ['Of one branch', 'Branch', 'main'],
          environment: ['Of one environment', 'Environment', 'production'],
          tag: ['Of tags', 'Tag', 'v*'],
          any: ['All of them, pull requests too', '', ''],
        },
      },
      gitlab: {
        place: 'Project',
        placeholder: 'acme/shop',
        placeNeeded: 'Say which project, as GROUP/NAME.',
        which: 'Which jobs of it?',
        choices: {
          protected: ['Of protected branches and tags', '', ''],
          branch: ['Of one branch', 'Branch', 'main'],
          environment: ['Of one environment', 'Environment', 'production'],
          any: ['All of them', '', ''],
        },
      },
      kubernetes: {
        place: 'Namespace',
        placeholder: 'shop',
        placeNeeded: 'Say in which namespace it runs.',
        which: 'Which pods?',
        choices: { account: ['Of one service account', 'Service account', 'till'] },
      },
    } as Readonly<Partial<Record<Preset, RecipeWords>>>,
    detailNeeded: 'Fill this in, or choose other ones above.',
    name: 'Name',
    nameNeeded: 'Give it a name, so that you know later what signs in by it.',
    issuer: 'Issuer',
    issuerHint: 'Exactly what stands in the token as iss.',
    issuerNeeded: 'Say who makes the tokens.',
    audience: 'Audience',
    audienceHint: 'What the pipeline asks a token for (aud). Left empty, it is the address of this server.',
    conditions: 'What must stand in the token',
    conditionsHint:
      'One claim a line; filled in from what you chose, and yours to change. * stands for any characters: acme/* is every repository of acme, and of nobody else.',
    conditionsNeeded: 'Name at least one claim and what it must be, such as sub = …',
    conditionMalformed: (line: string) => `“${line}” is not of the form claim = text.`,
    jwks: 'Public keys',
    jwksHint:
      'Optional: only where Keyward cannot read them from the issuer. As JSON (JWKS); kubectl get --raw /openid/v1/jwks prints those of a cluster.',
    ownJwksHint: 'As JSON: a JWK, or several as a JWKS. The private part stays with the program.',
    jwksNeeded: 'Paste the public part of the program’s key.',
    jwksMalformed: 'This is no JSON with keys, such as {"keys":[{"kty":"EC", …}]}.',
    go: 'Trust these tokens',
    done: 'Tokens like these are taken now.',
  },
};
