// The table of contents of the command line: every noun, in the order in which help lists them, and what is no noun.

import type { Noun, Verb } from '../grammar/noun.ts';
import { account } from './account.ts';
import { advise } from './advise.ts';
import { api } from './api.ts';
import { apiUsers } from './api-users.ts';
import { apis } from './apis.ts';
import { applications } from './applications.ts';
import { authorizations } from './authorizations.ts';
import { calls } from './calls.ts';
import { accessToken } from './exchange.ts';
import { explain } from './explain.ts';
import { federatedCredentials } from './federated-credentials.ts';
import { importRecipes, secretShapes } from './import-recipes.ts';
import { journal } from './journal.ts';
import { keys } from './keys.ts';
import { observations } from './observations.ts';
import { orgs } from './orgs.ts';
import { permissions } from './permissions.ts';
import { plans } from './plans.ts';
import { profiles } from './profiles.ts';
import { roles } from './roles.ts';
import { settings, verifiers } from './server-state.ts';
import { sessions } from './sessions.ts';
import { suspensions } from './suspensions.ts';
import { tokens } from './tokens.ts';
import { budget, usage } from './usage.ts';
import { users } from './users.ts';
import { verify } from './verify.ts';
import { webhookDeliveries, webhooks } from './webhooks.ts';

export const nouns: readonly Noun[] = [
  tokens,
  apiUsers,
  federatedCredentials,
  users,
  roles,
  permissions,
  apis,
  orgs,
  plans,
  applications,
  authorizations,
  keys,
  journal,
  verifiers,
  sessions,
  account,
  profiles,
  webhooks,
  webhookDeliveries,
  importRecipes,
  secretShapes,
];

/** Commands that are a verb alone. */
export const soleVerbs: readonly Verb[] = [
  verify,
  explain,
  calls,
  advise,
  observations,
  accessToken,
  usage,
  budget,
  settings,
  suspensions,
  api,
];
