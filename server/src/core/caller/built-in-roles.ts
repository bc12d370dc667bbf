// What every organization has from the start: Keyward's own permissions and four roles.

import type { OwnPermission } from '@keyward/rules/own-permissions';

/** Keyward's own permissions, with what they allow. Those of the guarded APIs stand beside them in the catalogue. */
export const builtInPermissions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'access:api': 'Use the API through the Debricked dialect.',
    'manage:own_api_key': 'Create, see, change and delete your own API tokens.',
    'create:organization_api_key': 'Create API tokens.',
    'read:organization_api_key': "See everyone's API tokens.",
    'update:organization_api_key': "Rename, narrow, activate and deactivate everyone's API tokens.",
    'delete:organization_api_key': "Delete and restore everyone's API tokens.",
    'create:api_user': 'Create API users.',
    'read:api_user': 'See API users.',
    'update:api_user': 'Change, activate and deactivate API users.',
    'delete:api_user': 'Delete and restore API users.',
    'create:user': 'Create users.',
    'read:user': 'See users.',
    'update:user': 'Change, activate and deactivate users, and reset their passwords.',
    'delete:user': 'Delete users.',
    'create:application': 'Register applications that people let act for them.',
    'read:application': 'See applications.',
    'update:application': 'Change, activate and deactivate applications.',
    'delete:application': 'Delete applications.',
    'read:authorization': 'See what people let applications do.',
    'delete:authorization': 'End what people let applications do.',
    'create:role': 'Create roles.',
    'read:role': 'See roles.',
    'update:role': 'Change roles.',
    'delete:role': 'Delete roles.',
    'create:permission': 'Register APIs and their permissions (operators only).',
    'read:permission': 'See the APIs and their permissions.',
    'update:permission': 'Describe APIs and their permissions (operators only).',
    'delete:permission': 'Remove APIs and their permissions (operators only).',
    'read:plan': 'See plans.',
    'update:plan': 'Change plans and give them to organizations (operators only).',
    'create:organization': 'Create organizations (operators only).',
    'read:organization': 'See the organization; operators see all.',
    'update:organization': 'Rename the organization; operators change, activate and deactivate all.',
    'delete:organization': 'Delete organizations (operators only).',
    'act:organization': 'Act for a customer: work with what is its own (operators only).',
    'read:signing_key': 'See the signing keys.',
    'rotate:signing_key': 'Rotate and revoke signing keys (operators only).',
    'read:journal': 'Read the journal.',
    'read:usage': "See everyone's usage counts.",
    'read:call': "See everyone's recent calls, and why they were refused.",
    'verify:credential': 'Ask for the verdict on a credential that someone else presented.',
    'follow:feed': 'Follow what verifiers must know, and lease parts of the budget.',
    'create:webhook': 'Have what happens sent to an address.',
    'read:webhook': 'See webhooks, what they were sent and what was answered.',
    'update:webhook': 'Change webhooks, give them new secrets, try them and send again.',
    'delete:webhook': 'Delete webhooks.',
    'read:metrics': 'Read the metrics (operators only).',
  } satisfies Record<OwnPermission, string>),
);

export interface BuiltInRole {
  description: string;
  permissions: readonly string[];
}

/** The roles that every organization has. Only an owner may make, change or remove an owner. */
export const builtInRoles: ReadonlyMap<string, BuiltInRole> = new Map([
  ['owner', { description: 'Everything, and the only one who may manage owners.', permissions: ['*:*'] }],
  ['admin', { description: 'Everything but managing owners.', permissions: ['*:*'] }],
  [
    'member',
    {
      description: 'Manages their own API tokens.',
      permissions: ['manage:own_api_key', 'read:organization', 'read:permission', 'read:plan'],
    },
  ],
  [
    'viewer',
    {
      description: 'Sees everything, changes nothing.',
      permissions: [
        'read:organization_api_key',
        'read:api_user',
        'read:user',
        'read:application',
        'read:authorization',
        'read:role',
        'read:permission',
        'read:plan',
        'read:organization',
        'read:signing_key',
        'read:journal',
        'read:usage',
        'read:webhook',
        'read:call',
      ],
    },
  ],
]);
