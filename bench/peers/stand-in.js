// What Ory Hydra and Keycloak answer to those who measure them, for the tests: the endpoints and no more. It grants and
// finds active only what it was set up for, as they would. Run as `node stand-in.js hydra|keycloak …` with their arguments
// and environment.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const [kind, ...args] = process.argv.slice(2);
const { env } = process;
const clients = new Map();
const granted = new Set();
const token = () => randomBytes(16).toString('hex');

/** Answers by `METHOD /path`; each is given the body as fields, and the request's Authorization. */
const endpoints = {
  hydra: {
    'GET /health/ready': () => ({ status: 'ok' }),
    'POST /admin/clients': ({ client_secret, grant_types }) => {
      if (!grant_types.includes('client_credentials')) return undefined;
      const client_id = token();
      clients.set(client_id, client_secret);
      return { client_id };
    },
    'POST /oauth2/token': (form) => grant(form),
    'POST /admin/oauth2/introspect': (form) => ({ active: granted.has(form.token) }),
  },
  keycloak: {
    'GET /realms/master': () => ({ realm: 'master' }),
    'POST /realms/master/protocol/openid-connect/token': ({ username, password }) => {
      const isAdmin = username === env.KC_BOOTSTRAP_ADMIN_USERNAME && password === env.KC_BOOTSTRAP_ADMIN_PASSWORD;
      return isAdmin ? { access_token: 'admin' } : undefined;
    },
    'POST /admin/realms': (_realm, authorization) => (authorization === 'Bearer admin' ? '' : undefined),
    'POST /admin/realms/bench/clients': (client, authorization) => {
      const isRight = client.serviceAccountsEnabled && client.protocolMappers.length === 1;
      if (authorization !== 'Bearer admin' || !isRight) return undefined;
      clients.set(client.clientId, client.secret);
      return '';
    },
    'POST /realms/bench/protocol/openid-connect/token': (form) => grant(form),
    'POST /realms/bench/protocol/openid-connect/token/introspect': (form, authorization = '') => {
      const [id, secret] = Buffer.from(authorization.slice('Basic '.length), 'base64').toString().split(':');
      return clients.get(id) === secret ? { active: granted.has(form.token) } : undefined;
    },
  },
}[kind];

function grant({ grant_type, client_id, client_secret }) {
  if (grant_type !== 'client_credentials' || clients.get(client_id) !== client_secret) return undefined;
  const access_token = token();
  granted.add(access_token);
  return { access_token };
}

async function answer(request, response) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const isJson = request.headers['content-type'] === 'application/json';
  const fields = isJson ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
  const body = endpoints[`${request.method} ${request.url}`]?.(fields, request.headers.authorization);
  response.writeHead(body === undefined ? 400 : 200).end(body === '' ? '' : JSON.stringify(body ?? 'no'));
}

function portsOf() {
  if (kind === 'keycloak')
    return args.filter((one) => one.startsWith('--http-port=')).map((one) => one.slice('--http-port='.length));
  const isWhole = env.DSN && env.STRATEGIES_ACCESS_TOKEN && args.join(' ') === 'serve all --dev --sqa-opt-out';
  return isWhole ? [env.SERVE_PUBLIC_PORT, env.SERVE_ADMIN_PORT] : [];
}

// Hydra's `migrate` does its work and ends.
if (args[0] !== 'migrate') {
  const ports = portsOf();
  if (ports.length === 0) throw new Error(`The stand-in knows no ${kind} ${args.join(' ')}.`);
  for (const port of ports) createServer(answer).listen(Number(port), '127.0.0.1');
}
