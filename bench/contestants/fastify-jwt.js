// A peer: fastify with @fastify/jwt and @fastify/rate-limit, checking RS256. Run as `node fastify-jwt.js each|cached
// <public key file>`; `cached` lets it remember the tokens that it has checked.

import { readFileSync } from 'node:fs';
import jwt from '@fastify/jwt';
import rateLimit from '@fastify/rate-limit';
import fastify from 'fastify';

const [kind, file] = process.argv.slice(2);
const app = fastify();
await app.register(jwt, {
  secret: { public: readFileSync(file, 'utf8') },
  verify: { algorithms: ['RS256'], ...(kind === 'cached' && { cache: 10_000 }) },
});
await app.register(rateLimit, {
  max: 1_000_000_000,
  timeWindow: 3_600_000,
  hook: 'preHandler',
  keyGenerator: ({ user }) => user.sub,
});
app.get('/', { onRequest: (request) => request.jwtVerify() }, async (_request, reply) => reply.send(''));
console.log(JSON.stringify({ url: await app.listen({ port: 0, host: '127.0.0.1' }) }));
