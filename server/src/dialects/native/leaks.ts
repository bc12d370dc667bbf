// Reports of leaked tokens over HTTP: from whoever has one, from callers, and in the form of GitHub's secret scanning, which is
// known by its signature. Secrets travel in the body, which is never logged, and are in no answer.

import { LeakOutcome, LeakReport } from '@keyward/sdk/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Core } from '../../core/core.ts';
import type { ReportedToken } from '../../core/credentials/leaks/report.ts';
import { invalid, KeywardError } from '../../core/errors.ts';
import { digestOf } from '../../core/secret.ts';
import { callerIfAny, NoQuery, type Scope, withoutCredential } from './caller.ts';
import { toTimeOrNull } from './time.ts';

const keyHeader = 'github-public-key-identifier';
const signatureHeader = 'github-public-key-signature';

export function mountLeaks(scope: Scope, core: Core): void {
  scope.route({
    method: 'POST',
    url: '/v1/leaks',
    schema: { body: LeakReport, querystring: NoQuery, response: { 200: LeakOutcome } },
    config: { keepsBytes: true },
    onRequest: async (request) => withoutCredential(request),
    preValidation: async (request, reply) => {
      if (request.headers[signatureHeader] !== undefined) return answerGitHub(core, request, reply);
    },
    handler: async (request) => {
      const caller = await callerIfAny(request, core);
      const reporter =
        caller === null
          ? ({ by: 'holder', address: request.clientAddress } as const)
          : ({ by: 'caller', caller } as const);
      return { items: (await core.reportLeaks(reporter, request.body)).map(toWire) };
    },
  });
}

function toWire({ result, endsAt, record }: ReportedToken): LeakOutcome['items'][number] {
  if (record === null) return { result, endsAt: toTimeOrNull(endsAt), token: null };
  const { source, name, organization, owner } = record;
  const token = {
    id: source.id,
    name,
    organization: { id: organization.id, name: organization.name },
    owner: { type: owner.type, id: owner.id, name: owner.name },
  };
  return { result, endsAt: toTimeOrNull(endsAt), token };
}

/** What one match looks like. */
interface Match {
  token: string;
  type: string;
  url: string;
  source: string;
}

/** Each match is reported with its own place. The answer says which were tokens of this server, and names them by digest. */
async function answerGitHub(core: Core, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const [keyId, signature] = [keyHeader, signatureHeader].map((name) => request.headers[name]);
  const { bodyBytes } = request;
  const isSigned =
    typeof keyId === 'string' &&
    typeof signature === 'string' &&
    bodyBytes !== null &&
    (await core.isFromGitHub(bodyBytes, keyId, signature));
  if (!isSigned) throw new KeywardError('forbidden', 'This report is not signed with one of the keys of GitHub.');
  const matches = matchesIn(request.body);
  const known = await core.reportGitHubMatches(bodyBytes, matches);
  const labels = matches.map(({ token, type }, at) => ({
    token_hash: digestOf(token),
    token_type: type,
    label: known[at] === true ? 'true_positive' : 'false_positive',
  }));
  return reply.type('application/json; charset=utf-8').send(Buffer.from(JSON.stringify(labels)));
}

function matchesIn(body: unknown): Match[] {
  if (!Array.isArray(body)) throw invalid(['body'], 'Send an array of matches.');
  return body.map((one: Partial<Record<keyof Match, unknown>> | null, at) => {
    if (typeof one?.token !== 'string') throw invalid(['body', at, 'token'], 'A match names its token.');
    const text = (value: unknown) => (typeof value === 'string' ? value : '');
    return { token: one.token, type: text(one.type), url: text(one.url), source: text(one.source) };
  });
}
