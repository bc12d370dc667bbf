// P14: the same work done by others, in the same run. Who they are and how they are started is peers/.

import type { Figure } from '../figure.ts';
import { compare } from '../peers/compare.ts';
import { demandPackages, startInNode } from '../peers/in-node.ts';
import type { Peers } from '../peers/peer.ts';
import { leftOut, programsIn } from '../peers/programs.ts';

export const p14: Figure = {
  title: 'what others cost',
  method:
    "CPU of the other over the CPU of Keyward's `GET /v1/check`, all of them over HTTP, 64 connections, late work included, 1,000 credentials; those in Node answer with an empty body, as Keyward does, the others with what they say of the token. Against better-auth and opaque tokens: API tokens. Against those that check JWTs: JWTs signed RS256, each seen before; the last three rows compare them with a check of an API token instead. better-auth 1.7 on bare node:http, with `verifyApiKey` and its limit, on SQLite (WAL, synchronous=OFF) and with its secondary storage in a Map; fastify with @fastify/jwt and @fastify/rate-limit by the user, its cache off and on; express with jsonwebtoken and no limit. oidc-provider with its storage in memory: a token for a client in its own name, signed ES256, over Keyward's for an API user; its introspection of opaque tokens, by who the client is in the form. Ory Hydra and Keycloak: their introspection of access tokens that a client was granted for itself, by forms. Hydra as `serve all --dev`, with its log for errors only, a process for each row; what PostgreSQL spends is not counted. Keycloak as `start-dev`, 20,000 requests before the first round.",
  notes: leftOut(process.env),
  async measure(bench) {
    demandPackages();
    const started: Peers[] = [];
    try {
      for (const { start } of [{ start: startInNode }, ...programsIn(process.env)]) started.push(await start(bench));
      return await compare(
        bench,
        started.flatMap(({ peers }) => peers),
      );
    } finally {
      await Promise.all(started.map((one) => one.stop()));
    }
  },
};
