// Texts of the question whether an application may act for somebody.

import { isPermission } from '@keyward/rules/permission';

export const consentWords = {
  title: (application: string) => `Let ${application} act for you?`,
  of: (organization: string) => `An application of ${organization}.`,
  /** Of one that describes itself: all that is known of it is where. */
  stranger: 'Nobody here has registered it. It comes from',
  claims: (name: string) => `It calls itself “${name}”, which anybody could. Allow it only if you know that address.`,
  as: (email: string, organization: string) => `You are signed in as ${email} of ${organization}.`,
  would: (api: string) => `At ${api} it would be able to:`,
  new: 'new',
  nothing: 'It asks for nothing that you may do yourself, so there is nothing that you could let it do.',
  known: 'You have let it do all of this before.',
  host: 'You are then sent to',
  note: 'It never sees your password, and does no more than you may do. You end this under Your account, Applications.',
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
