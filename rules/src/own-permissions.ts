// The names of Keyward's own permissions, which stand apart from those of the guarded APIs: no pattern reaches them but `*:*`.
// What each allows is told by the server, which asks for them.

export const ownPermissions = [
  'access:api',
  'manage:own_api_key',
  'create:organization_api_key',
  'read:organization_api_key',
  'update:organization_api_key',
  'delete:organization_api_key',
  'create:api_user',
  'read:api_user',
  'update:api_user',
  'delete:api_user',
  'create:user',
  'read:user',
  'update:user',
  'delete:user',
  'create:application',
  'read:application',
  'update:application',
  'delete:application',
  'read:authorization',
  'delete:authorization',
  'create:role',
  'read:role',
  'update:role',
  'delete:role',
  'create:permission',
  'read:permission',
  'update:permission',
  'delete:permission',
  'read:plan',
  'update:plan',
  'create:organization',
  'read:organization',
  'update:organization',
  'delete:organization',
  'act:organization',
  'read:signing_key',
  'rotate:signing_key',
  'read:journal',
  'read:usage',
  'read:call',
  'verify:credential',
  'follow:feed',
  'create:webhook',
  'read:webhook',
  'update:webhook',
  'delete:webhook',
  'read:metrics',
] as const;

export type OwnPermission = (typeof ownPermissions)[number];

const names: ReadonlySet<string> = new Set(ownPermissions);

/** True for the exact name of one of them; never for a pattern. */
export function isOwnPermission(text: string): text is OwnPermission {
  return names.has(text);
}
