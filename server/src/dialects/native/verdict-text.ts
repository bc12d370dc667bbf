// The answer of `POST /v1/verify` as text.

import type { LimitState, VerifiedPrincipal, VerifyResponse } from '@keyward/sdk/wire';
import { listText, quoted, quotedOrNull } from '../json-text.ts';

/** Exactly what `JSON.stringify` makes of it. */
export function verdictText(answer: VerifyResponse): string {
  const { allowed, reason, principal, limit, tokenIds, session, jkt, dpopNonce, lacking, observed } = answer;
  let text = `{"allowed":${allowed}`;
  if (reason !== undefined) text += `,"reason":${quoted(reason)}`;
  if (principal !== undefined) text += `,"principal":${principalText(principal)}`;
  if (limit !== undefined) text += `,"limit":${limitText(limit)}`;
  if (tokenIds !== undefined) text += `,"tokenIds":${JSON.stringify(tokenIds)}`;
  if (session !== undefined) text += `,"session":${quoted(session)}`;
  if (jkt !== undefined) text += `,"jkt":${quoted(jkt)}`;
  if (dpopNonce !== undefined) text += `,"dpopNonce":${quoted(dpopNonce)}`;
  if (lacking !== undefined) text += `,"lacking":${JSON.stringify(lacking)}`;
  if (observed !== undefined) text += `,"observed":${JSON.stringify(observed)}`;
  return `${text}}`;
}

function principalText(principal: VerifiedPrincipal): string {
  const { id, type, name, externalId, organization, permissions, expiresAt, organizationId, ownerId } = principal;
  const { apis, hasLimits } = principal;
  const ofOrganization = quoted(organization.id);
  return (
    `{"id":${quoted(id)},"type":${quoted(type)},"name":${quoted(name)},"externalId":${quotedOrNull(externalId)},` +
    `"organization":{"id":${ofOrganization},"name":${quoted(organization.name)},` +
    `"externalId":${quotedOrNull(organization.externalId)}},` +
    `"permissions":${listText(permissions)},"expiresAt":${quotedOrNull(expiresAt)},` +
    `"organizationId":${organizationId === organization.id ? ofOrganization : quoted(organizationId)},"ownerId":${quoted(ownerId)}${apis === undefined ? '' : `,"apis":${listText(apis)}`}${hasLimits === true ? ',"hasLimits":true' : ''}}`
  );
}

function limitText(state: LimitState): string {
  const { plan, limit, windowMs, remaining, resetMs, retryAfterMs, unavailable, name, all } = state;
  let text =
    `{"plan":${quoted(plan)},"limit":${limit},"windowMs":${windowMs},"remaining":${remaining},` +
    `"resetMs":${JSON.stringify(resetMs)},"retryAfterMs":${JSON.stringify(retryAfterMs)}`;
  if (unavailable !== undefined) text += `,"unavailable":${quoted(unavailable)}`;
  if (name !== undefined) text += `,"name":${quoted(name)}`;
  if (all !== undefined) text += `,"all":[${all.map(limitText).join(',')}]`;
  return `${text}}`;
}
