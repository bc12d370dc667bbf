// Texts of the pages about webhooks: the list, one webhook, and what it was sent.

import type { WebhookEvent } from '@keyward/rules/webhooks/events';

const credential = (noun: string) => ({
  created: `${noun} was made`,
  changed: `${noun} was changed`,
  activated: `${noun} was activated`,
  deactivated: `${noun} was deactivated`,
  deleted: `${noun} was deleted`,
  restored: `${noun} was restored`,
  rotated: `${noun} got a new secret`,
  refused: `Most calls of ${noun.toLowerCase().replace('api', 'API')} are refused, unlike before`,
});
const [token, apiUser] = [credential('An API token'), credential('An API user')];

const eventTexts: Readonly<Record<WebhookEvent, string>> = {
  'token.created': token.created,
  'token.changed': token.changed,
  'token.activated': token.activated,
  'token.deactivated': token.deactivated,
  'token.deleted': token.deleted,
  'token.restored': token.restored,
  'token.rotated': token.rotated,
  'token.imported': 'API tokens of another system were imported',
  'token.expiring': 'An API token expires soon',
  'token.leaked': 'An API token was found where it must not be',
  'token.refused_unusually': token.refused,
  'token.limit_nearly_reached': 'Four fifths of a token’s limit are spent',
  'token.limit_reached': 'A token’s limit is spent',
  'api_user.created': apiUser.created,
  'api_user.changed': apiUser.changed,
  'api_user.activated': apiUser.activated,
  'api_user.deactivated': apiUser.deactivated,
  'api_user.deleted': apiUser.deleted,
  'api_user.restored': apiUser.restored,
  'api_user.rotated': 'An API user got a new password',
  'api_user.refused_unusually': apiUser.refused,
  'federated_credential.created': 'A sign-in without a secret was added',
  'federated_credential.changed': 'A sign-in without a secret was changed',
  'federated_credential.deleted': 'A sign-in without a secret was removed',
  'access_token.revoked': 'An access token was ended by itself',
  'member.joined': 'Somebody joined',
  'member.deactivated': 'A user was deactivated',
  'member.deleted': 'A user was deleted',
  'organization.refused_unusually': 'Most calls of the organization are refused, unlike before',
  'organization.limit_nearly_reached': 'Four fifths of the plan’s limit are spent',
  'organization.limit_reached': 'The plan’s limit is spent',
};

/** What events are about, by how their names begin. */
const nouns: Readonly<Record<string, string>> = {
  token: 'API tokens',
  api_user: 'API users',
  federated_credential: 'Sign-in without a secret',
  access_token: 'Access tokens',
  member: 'People',
  organization: 'The organization',
};

export const webhooksWords = {
  title: 'Webhooks',
  one: 'Webhook',
  intro:
    'Keyward tells your own systems what happens here: credentials made and ended, leaks, limits, people who join. Each message is signed, arrives at least once and in order.',
  create: 'Add webhook',
  none: 'No webhooks yet',
  noneText: 'Give the address of a program of yours, or of a chat or an alarm that takes webhooks.',
  columns: { url: 'Address', state: 'State', events: 'Sent', actions: 'Actions' },
  everything: 'Everything',
  eventCount: (count: number) => (count === 1 ? '1 event' : `${count} events`),
  state: { active: 'Active', failing: 'Failing', off: 'Off', gone: 'Receiver gone' },
  stateText: {
    active: 'Messages are accepted.',
    failing: 'Messages are not accepted, and tried again for a day.',
    off: 'Somebody switched it off. What happens meanwhile is not sent.',
    gone: 'Its receiver answered that it is gone (410), so it was switched off.',
  },
  act: {
    change: 'Change',
    rotate: 'New secret',
    on: 'Switch on',
    off: 'Switch off',
    test: 'Send a test',
    repeat: 'Repeat all that was given up',
    delete: 'Delete',
  },
  form: {
    title: 'Add a webhook',
    changeTitle: 'Change the webhook',
    url: 'Address',
    urlHint: 'Where messages are posted to: https, on the public Internet.',
    urlNeeded: 'Give the address of your receiver.',
    description: 'Description',
    descriptionHint: 'Optional: what it is for.',
    which: 'What is it sent?',
    all: 'Everything that happens',
    allText: 'Also what later versions add.',
    some: 'Only some events',
    someText: 'Choose them below.',
    events: 'Events',
    eventsNeeded: 'Choose at least one event.',
    days: 'Tell of tokens that expire so many days ahead',
    go: 'Add',
  },
  made: 'The new webhook',
  madeNote:
    'Your receiver checks signatures with this secret. It is shown this once; nobody can look at it again, but you can have a new one.',
  secret: 'Signing secret',
  saved: 'Saved.',
  switchedOn: 'The webhook is on again.',
  tested: 'The test is on its way.',
  repeated: (count: number) =>
    count === 0
      ? 'Nothing was given up.'
      : count === 1
        ? '1 message is sent again.'
        : `${count} messages are sent again.`,
  rotate: {
    title: 'Make a new signing secret?',
    text: 'For a day messages are signed with the old one too. Put the new one into your receiver by then.',
    go: 'Make a new secret',
    made: 'The new signing secret',
  },
  off: {
    title: 'Switch this webhook off?',
    text: 'What happens while it is off is not sent, also not later. What waits is sent when it is on again.',
    done: 'The webhook is off.',
  },
  delete: {
    title: 'Delete this webhook?',
    text: 'Nothing is sent to it any more, and what it was sent can no longer be seen. This cannot be undone.',
    done: 'The webhook is deleted.',
  },
  eventTexts,
  nouns,
};

export const webhookWords = {
  back: 'Webhooks',
  gone: 'This webhook is not there',
  goneText: 'It was deleted, or it belongs to another organization.',
  toList: 'To the list of webhooks',
  details: {
    title: 'Details',
    url: 'Address',
    events: 'Sent',
    days: 'Tells of tokens that expire',
    daysAhead: (days: number) => (days === 1 ? '1 day ahead' : `${days} days ahead`),
    created: 'Made',
    failing: 'Failing since',
    next: 'Next try',
  },
  deliveries: {
    title: 'Messages',
    intro: 'What was sent in the last 30 days, and what was answered.',
    status: 'State',
    anyStatus: 'Any state',
    columns: {
      event: 'Event',
      status: 'State',
      answer: 'Answer',
      tries: 'Tries',
      tried: 'Last try',
      actions: 'Actions',
    },
    statuses: { waiting: 'Waiting', delivered: 'Delivered', dead: 'Given up' },
    none: 'Nothing was sent yet',
    noneText: 'Send a test to see whether your receiver hears.',
    never: 'Not yet',
    show: 'Show',
    repeat: 'Send again',
    repeating: 'It is sent again.',
  },
  delivery: {
    title: 'A message',
    id: 'webhook-id',
    request: 'What was sent',
    answer: 'What was answered',
    noAnswer: 'Nothing yet',
    empty: 'An empty body',
    status: (status: number, ms: number) => `Status ${status}, after ${ms.toLocaleString()} ms`,
    /** As `failures`, in a row. */
    shortly: {
      not_https: 'Not https',
      address_not_allowed: 'Private address',
      not_resolved: 'No such host',
      unreachable: 'Not reached',
      redirected: 'Redirected',
      too_slow: 'Too slow',
      sealed_otherwise: 'No secret',
    } as Readonly<Record<string, string>>,
    failures: {
      not_https: 'Its address does not begin with https.',
      address_not_allowed:
        'It is at a private or reserved address, which the operator of this server would have to allow.',
      not_resolved: 'Name servers know no address of its host name.',
      unreachable: 'No connection could be made, its certificate is not trusted, or it closed without an answer.',
      redirected: 'It redirects, which is not followed.',
      too_slow: 'It did not answer within 15 seconds.',
      sealed_otherwise: 'Its secret was sealed with a key that this server does not have. Make a new secret.',
    } as Readonly<Record<string, string>>,
  },
};
