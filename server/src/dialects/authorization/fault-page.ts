// What people see of an authorization request that nobody can be sent back from. It repeats nothing of what was sent.

import type { FastifyReply } from 'fastify';

const texts = {
  client: [
    'This application is not known here',
    'The link that brought you here names no application that this server knows, or one that was switched off.',
  ],
  redirect: [
    'This application asked for an answer somewhere else',
    'The link that brought you here wants the answer sent to an address that the application has not registered. You were not sent there.',
  ],
} as const;

/** A whole page, without scripts, styles or images. */
export function sendFaultPage(reply: FastifyReply, fault: keyof typeof texts): FastifyReply {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'x-frame-options': 'DENY',
  };
  return reply.code(400).headers(headers).send(pageOf(texts[fault]));
}

function pageOf([title, text]: readonly [string, string]): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title></head>
<body><main><h1>${title}</h1><p>${text}</p><p>Go back to where you came from, and tell whoever runs the application.</p></main></body>
</html>
`;
}
