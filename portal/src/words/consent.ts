// Texts of the question whether an application may act for somebody.

import { isPermission } from '@keyward/rules/permission';

export const consentWords = {
  of: (organization: string) => ({
    title: (application: string) => `Let ${application} act for you?`,
    intro: `An application of ${organization}.`,
    would: (api: string) => `At ${api} it would be able to:`,
    note: 'It never sees your password, and does no more than you may do. You end this under Your account, Applications.',
  }),
  /** Of one that describes itself: all that is known of it is where. */
  stranger: {
    title: (host: string) => `Let ${host} act for you?`,
    intro: 'Nobody here has registered it. It comes from',
    would: (api: string) => `At ${api} it would be able to:`,
    note: 'It never sees your password, and does no more than you may do. You end this under Your account, Applications.',
  },
  claims: (name: string) => `It calls itself “${name}”, which anybody could. Allow it only if you know that address.`,
  own: {
    title: (application: string) => `Let the ${application} act as you?`,
    intro: 'A part of Keyward, which acts as you.',
    would: (_api: string) => 'For twelve hours, here and at every API, it would be able to do:',
    note: 'It never sees your password. You end this under Your account, Sessions, or with keyward logout.',
  },
  as: (email: string, organization: string) => `You are signed in as ${email} of ${organization}.`,
  new: 'new',
  nothing: 'It asks for nothing that you may do yourself, so there is nothing that you could let it do.',
  known: 'You have let it do all of this before.',
  host: 'You are then sent to',
  allow: 'Allow',
  again: 'Continue',
  deny: 'Do not allow',
  back: 'Back to the application',
  missing: 'No application asks for anything here. Begin at the application.',
  refusedTitle: 'This cannot be asked',
  home: 'To the start page',
  waiting: 'One moment',
  /** What a pattern reaches, as it has no words of an API's own. */
  pattern,
};

function pattern(name: string): string {
  if (isPermission(name)) return name;
  const [verb = '', resource = ''] = name.split(':');
  if (verb === '*' && resource === '*') return 'Everything that you may do';
  return verb === '*' ? `Everything with “${resource}”` : `“${verb}” with everything`;
}
