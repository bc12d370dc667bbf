// For orientation: fastify answering the same 100 bytes as bare.js does, and nothing else.

import fastify from 'fastify';

const answer = JSON.stringify({ text: 'x'.repeat(89) });
const app = fastify();
app.get('/', (_request, reply) => {
  reply.header('content-type', 'application/json').send(answer);
});
console.log(JSON.stringify({ url: await app.listen({ port: 0, host: '127.0.0.1' }) }));
