// Importing: what the description says of it.

import type { Operations } from '../../operation.ts';

const read = { permissions: ['read:organization_api_key'] } as const;

export const imports: Operations = {
  'GET /v1/import-recipes': { ...read, id: 'listImportRecipes', summary: 'List how imported secrets are recognised' },
  'POST /v1/import-recipes': {
    id: 'createImportRecipe',
    summary: 'Say how secrets of another system are recognised and checked',
    permissions: ['create:organization_api_key'],
    body: {
      name: 'old-portal',
      algorithm: 'bcrypt',
      shape: { prefix: 'ak_', minLength: 20, maxLength: 60 },
      locator: { separator: '.', part: 0 },
      hashed: 'after_separator',
    },
  },
  'GET /v1/import-recipes/:id': { ...read, id: 'readImportRecipe', summary: 'Read an import recipe' },
  'DELETE /v1/import-recipes/:id': {
    id: 'deleteImportRecipe',
    summary: 'Delete an import recipe that no API token needs any more',
    permissions: ['delete:organization_api_key'],
    fails: ['conflict'],
  },
  'POST /v1/imports/tokens': {
    id: 'importTokens',
    summary: 'Import up to a thousand API tokens with the secrets that they have',
    description: 'Each row is taken or refused whole, and rows that are there already are counted as such.',
    permissions: ['manage:own_api_key', 'create:organization_api_key'],
    fails: ['not_found', 'conflict'],
    body: {
      import: 'old-portal-2026',
      recipe: 'old-portal',
      defaults: { permissions: ['read:demo_funds'] },
      rows: [
        {
          line: 1,
          name: 'invoices',
          hash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
          locator: 'ak_7Hq2',
        },
      ],
      dryRun: true,
    },
    needs: 'an import recipe',
  },
  'POST /v1/imports/users': {
    id: 'importUsers',
    summary: 'Import up to a thousand users with the password hashes that they have',
    permissions: ['create:user'],
    body: {
      rows: [
        {
          line: 1,
          username: 'ann@example.com',
          role: 'member',
          passwordHash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
        },
      ],
      dryRun: true,
    },
  },
  'POST /v1/imports/api-users': {
    id: 'importApiUsers',
    summary: 'Import up to a thousand API users with the names and password hashes that they have',
    permissions: ['create:api_user'],
    body: {
      rows: [
        {
          line: 1,
          username: 'billing@old-portal',
          role: 'member',
          passwordHash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
        },
      ],
      dryRun: true,
    },
  },
  'GET /v1/secret-shapes': {
    id: 'listSecretShapes',
    summary: 'List what imported secrets look like',
    description: 'A verifier refuses unasked what is of none of these shapes and of no form of Keyward’s own.',
    permissions: ['verify:credential'],
  },
};
