// What webhooks can be sent: each event with the actions of the journal that it is made of. Whom one is sent to is decided in
// enqueue.ts.

export interface EventType {
  /** Of the entries of the journal that it is made of. */
  actions: readonly string[];
  /** When it is sent, in a few words. */
  when: string;
}

/** By its name, in the order in which people read them. */
export const eventTypes: ReadonlyMap<string, EventType> = new Map<string, EventType>([
  ...lives('token', 'api_token', 'an API token'),
  event('token.expiring', 'api_token', 'an API token expires within the days that the webhook says'),
  event('token.leaked', 'api_token', 'an API token was found where it must not be'),
  event('token.refused_unusually', 'api_token', 'most calls with an API token are refused, unlike before'),
  event('token.limit_nearly_reached', 'api_token', 'four fifths of a limit of a token’s own are spent'),
  event('token.limit_reached', 'api_token', 'a limit of a token’s own is spent'),
  ...lives('api_user', 'api_user', 'an API user'),
  event('api_user.leaked', 'api_user', 'an API user’s password was found where it must not be'),
  event('api_user.refused_unusually', 'api_user', 'most calls of an API user are refused, unlike before'),
  event('federated_credential.created', 'federated_credential', 'outside tokens are taken for an API user'),
  event('federated_credential.changed', 'federated_credential', 'which outside tokens are taken was changed'),
  event('federated_credential.deleted', 'federated_credential', 'they are taken no longer'),
  event('access_token.revoked', 'access_token', 'an access token was revoked by itself'),
  [
    'member.joined',
    { actions: ['user.created', 'user.invitation_accepted'], when: 'somebody became a user of the organization' },
  ],
  event('member.deactivated', 'user', 'a user was deactivated'),
  event('member.deleted', 'user', 'a user was deleted'),
  event('organization.refused_unusually', 'organization', 'most calls of the organization are refused, unlike before'),
  event('organization.limit_nearly_reached', 'organization', 'four fifths of a limit of the plan are spent'),
  event('organization.limit_reached', 'organization', 'a limit of the plan is spent'),
]);

/** What a webhook is sent when somebody tries it. */
export const testEvent = 'webhook.test';

/** All of them. */
export const everyEvent = '*';

const byAction: ReadonlyMap<string, string> = new Map(
  [...eventTypes].flatMap(([name, { actions }]) => actions.map((action) => [action, name] as const)),
);

/** The event that an entry of the journal is; undefined where it is none. */
export function eventOf(action: string): string | undefined {
  return byAction.get(action);
}

function event(name: string, subject: string, when: string): [string, EventType] {
  return [name, { actions: [`${subject}.${name.slice(name.indexOf('.') + 1)}`], when }];
}

/** What happens to every credential. */
function lives(noun: string, subject: string, thing: string): [string, EventType][] {
  return Object.entries({
    created: 'was made',
    changed: 'was changed',
    activated: 'was let in again',
    deactivated: 'was deactivated',
    deleted: 'was deleted',
    restored: 'was restored',
    rotated: 'was given a new secret',
  }).map(([verb, when]) => event(`${noun}.${verb}`, subject, `${thing} ${when}`));
}
