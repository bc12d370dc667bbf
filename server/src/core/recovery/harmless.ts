// Actions of the journal that a restore need not repeat: they took no access away, or what they ended has ended with all
// sessions, links, codes and access tokens of the backup.

/** What is only told, whatever it is of. */
const notices = ['refused_unusually', 'limit_nearly_reached', 'limit_reached', 'expiring', 'spared', 'released'];

/** Whatever begins with one of these. */
const families = ['session.', 'access_token.'];

const actions = new Set([
  ...['api_token.created', 'api_token.revealed', 'api_token.wildcards_narrowed'],
  'api_user.created',
  ...['user.created', 'user.invited', 'user.invitation_accepted', 'user.password_link_made'],
  ...['user.second_factor_prepared', 'role.wildcards_narrowed'],
  ...['organization.created', 'organization.budget_reset', 'organization.budget_reset_begun'],
  ...['permission.registered', 'permission.described', 'api.created', 'signing_key.created'],
  ...['application.created', 'application.device_allowed', 'authorization.given'],
  ...['federated_credential.created', 'server.moved'],
  ...['import.tokens_added', 'import.secrets_settled', 'import_recipe.created'],
  ...['webhook.created', 'webhook.repeated', 'webhook.tested'],
]);

export function isHarmless(action: string): boolean {
  // Of what an application was given there is more than access tokens.
  if (action.endsWith('.access_ended')) return action !== 'application.access_ended';
  return (
    actions.has(action) ||
    notices.some((done) => action.endsWith(`.${done}`)) ||
    families.some((family) => action.startsWith(family))
  );
}
