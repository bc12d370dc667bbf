// A page for every problem that Keyward's own API answers with, at the address that is the problem's type (RFC 9457 section
// 3.1.1): what happened, what to do. For people; programs need no more than the address itself.

import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { KeywardError } from '../../core/errors.ts';
import { type ProblemType, problemsPath, problemTypes } from '../../dialects/native/problem-types.ts';
import type { GuardedRoute } from '../gateway/guarded-route.ts';
import { rulesOf } from '../gateway/route-match.ts';

/** Registers the pages, and one that lists them, unless a guarded API has them under its own. */
export function mountProblemPages(app: FastifyInstance, guarded: readonly GuardedRoute[]): void {
  const rules = rulesOf(guarded.filter((route) => route.upstream != null));
  const taken = ['', ...Object.keys(problemTypes).map((code) => `/${code}`)];
  if (taken.some((path) => rules.find('GET', problemsPath + path) !== undefined)) return;
  const pages = new Map(Object.entries(problemTypes).map(([code, type]) => [code, pageOf(code, type)]));
  const list = listPage();
  app.get(problemsPath, (_request, reply) => sendPage(reply, list));
  app.get<{ Params: { code: string } }>(`${problemsPath}/:code`, (request, reply) => {
    const page = pages.get(request.params.code);
    if (page === undefined) throw new KeywardError('not_found', 'There is no problem of this name.');
    return sendPage(reply, page);
  });
}

const style =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}' +
  'code{font-family:ui-monospace,monospace}dt{font-weight:600;margin-top:1rem}dd{margin:0}';

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'public, max-age=3600',
    })
    .send(html);
}

function pageOf(code: string, { status, title, happened, remedy }: ProblemType): string {
  const about = [
    ['What happened', marked(happened)],
    ['What to do', marked(remedy)],
    ['Status', String(status)],
    ['Code', `<code>${code}</code>`],
  ];
  const rows = about.map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join('\n');
  return page(title, `<dl>\n${rows}\n</dl>\n<p><a href="${problemsPath}">All problems</a></p>`);
}

function listPage(): string {
  const rows = Object.entries(problemTypes).map(
    ([code, { status, title, happened }]) =>
      `<dt>${status} · <a href="${problemsPath}/${code}">${title}</a></dt><dd>${marked(happened)}</dd>`,
  );
  return page('Problems', `<dl>\n${rows.join('\n')}\n</dl>`);
}

/** The texts are our own, and hold nothing to be escaped. */
function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Keyward</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

function marked(text: string): string {
  return text.replace(/`([^`]*)`/g, '<code>$1</code>');
}
