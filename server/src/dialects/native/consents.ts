// The question whether an application may act for somebody, and their answer: for the portal's page, by its session alone.

import { Consent, ConsentAnswer, ConsentOutcome, ConsentQuestion } from '@keyward/sdk/wire';
import type { Core } from '../../core/core.ts';
import { invalid } from '../../core/errors.ts';
import { answerUrl } from '../authorization-answer.ts';
import { callerOf, NoQuery, type Scope } from './caller.ts';

export function mountConsents(scope: Scope, core: Core): void {
  const look = { body: ConsentQuestion, querystring: NoQuery, response: { 200: Consent } };
  scope.post('/v1/consents/look', { schema: look }, (request) =>
    core.readConsent(callerOf(request), request.body.request),
  );

  const answer = { body: ConsentAnswer, querystring: NoQuery, response: { 200: ConsentOutcome } };
  scope.post('/v1/consents', { schema: answer }, async (request) => {
    const { request: asked } = request.body;
    const { redirectUri, state, code } = await core.answerConsent(callerOf(request), asked, shownIn(request.body));
    const parameters = code === null ? denial : { code };
    return { redirectTo: answerUrl(redirectUri, core.publicAddress(), { ...parameters, state }) };
  });
}

/** Null where it was not allowed. */
export function shownIn({
  allow,
  permissions,
}: Pick<ConsentAnswer, 'allow' | 'permissions'>): readonly string[] | null {
  if (!allow) return null;
  if (permissions !== undefined) return permissions;
  throw invalid('permissions', 'Name the permissions that were shown when it was allowed.');
}

const denial = { error: 'access_denied', error_description: 'It was not allowed.' };
