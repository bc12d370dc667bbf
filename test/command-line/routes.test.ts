// Everything the API can do can be done from the command line: each route has a command that stands for it, or a reason why not.

import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { verbOf } from '../../server/src/cli/grammar/build.ts';
import type { Verb } from '../../server/src/cli/grammar/noun.ts';
import { createProgram } from '../../server/src/cli/program.ts';
import { realTerminal } from '../../server/src/cli/terminal/terminal.ts';
import { allDialects } from '../../server/src/dialects/all.ts';
import { openApiDocument } from '../../server/src/http/openapi/document.ts';

/** Routes that no verb stands for. */
const reasons: Readonly<Record<string, string>> = {
  'POST /v1/login': 'keyward login',
  'DELETE /v1/session': 'keyward logout',
  'POST /v1/session': "a cookie of the portal's",
  'GET /v1/session': "a cookie of the portal's",
  'POST /v1/session/confirmation': "a cookie of the portal's",
  'GET /v1/set-up': 'keyward init',
  'POST /v1/set-up': 'keyward init',
  'POST /v1/password-links/look': 'a link is opened in a browser',
  'POST /v1/password-links/redeem': 'a link is opened in a browser',
  'POST /v1/consents/look': 'a person is asked in a browser',
  'POST /v1/consents': 'a person is asked in a browser',
  'POST /v1/devices/look': 'a person is asked in a browser',
  'POST /v1/devices': 'a person is asked in a browser',
  'GET /v1/check': 'guards ask it with the credential of the call: keyward verify asks about one',
  'GET /v1/connection': 'keyward doctor',
  'GET /v1/feed': 'verifiers follow it: keyward journal tail --follow shows what happens',
  'POST /v1/feed/acknowledgements': 'verifiers say it',
  'POST /v1/leases': 'verifiers ask for them',
  'GET /v1/revoked-access-tokens': 'verifiers load them',
  'POST /v1/verifier-reports': 'verifiers send them',
};

const verbs = verbsBelow(createProgram(realTerminal()));
const document = (await openApiDocument(allDialects)) as unknown as { paths: Record<string, Record<string, unknown>> };
const methods = ['get', 'post', 'put', 'patch', 'delete'];
const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
  path.startsWith('/v1/')
    ? Object.keys(operations)
        .filter((method) => methods.includes(method))
        .map((method) => `${method.toUpperCase()} ${path}`)
    : [],
);

describe('the command line', () => {
  const covered = new Set(verbs.flatMap((verb) => verb.routes));

  test('has a command for every route of the API, or says why not', () => {
    expect(routes.filter((route) => !covered.has(route) && reasons[route] === undefined)).toEqual([]);
  });

  test('names no route that there is not, and gives no reason for what has a command', () => {
    const known = new Set(routes);
    expect([...covered, ...Object.keys(reasons)].filter((route) => !known.has(route))).toEqual([]);
    expect(Object.keys(reasons).filter((route) => covered.has(route))).toEqual([]);
  });

  test('takes no secret as an argument or flag: each comes from a prompt, standard input or a file [S128]', () => {
    const names = verbs.flatMap((verb) => [
      ...(verb.options ?? []).map(({ flag }) => `${verb.name} ${flag}`),
      ...(verb.arguments ?? []).map(({ name }) => `${verb.name} <${name}>`),
    ]);
    const secretive = names.filter((name) => /secret|password|credential|recovery|code/i.test(name));
    const files =
      /-stdin$|<file>$|^bulk|--tokens|federated|credential>$|^reset-password|^rotate-secret|^password-link|--secrets-to|^calls --credential <which>|second-factor|--credential-/;
    expect(secretive.filter((name) => !files.test(name))).toEqual([]);
  });
});

function verbsBelow(command: Command): Verb[] {
  const verb = verbOf(command);
  return [...(verb === undefined ? [] : [verb]), ...command.commands.flatMap(verbsBelow)];
}
