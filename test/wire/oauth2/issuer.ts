// An issuer of outside tokens, as GitHub Actions, GitLab or a cluster are to Keyward: metadata and keys over HTTPS with a certificate of
// its own, and tokens signed by jose. It can be slow, wrong or away. For tests only.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Config } from '../../../server/src/config/config.ts';
import { selfSigned } from '../../../server/src/http/self-signed.test-support.ts';

export interface SigningKey {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  /** Its public part. */
  jwk: JWK;
}

export interface Issuer {
  url: string;
  /** For a server that is to read its keys. */
  outbound: Config['outbound'];
  key: SigningKey;
  /** Publishes these keys alone. */
  publish(...keys: readonly SigningKey[]): void;
  /** What it answers in place of metadata and keys, by path; null is nothing, ever. */
  answers: Map<string, { status?: number; body: string; type?: string } | null>;
  /** The paths that were asked for. */
  asked: string[];
  /** A token as it would be, but for what is given; a claim or header member that is undefined is left out. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: SigningKey): Promise<string>;
  stop(): Promise<void>;
}

export async function newKey(alg = 'RS256', kid: string = randomUUID()): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg } };
}

/** Signs claims that are given as they are. */
export function sign(
  claims: Record<string, unknown>,
  { alg, kid, privateKey }: SigningKey,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
}

/** Starts one on this machine. `now`: the clock of the server that it makes tokens for. */
export async function startIssuer(now: () => number): Promise<Issuer> {
  const certificate = selfSigned();
  const folder = mkdtempSync(join(tmpdir(), 'keyward-issuer-'));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, certificate.cert);
  const key = await newKey();
  const asked: string[] = [];
  const answers: Issuer['answers'] = new Map();
  let published: readonly SigningKey[] = [key];

  const server: Server = createServer(certificate, (request, response) => {
    const { url: path = '' } = request;
    asked.push(path);
    const usual: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
      '/keys': { keys: published.map(({ jwk }) => jwk) },
    };
    const answer = answers.get(path);
    if (answer === null) return;
    const { status = 200, type = 'application/json', body } = answer ?? { body: JSON.stringify(usual[path] ?? null) };
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    outbound: { allowPrivate: ['127.0.0.1'], ca },
    key,
    publish: (...keys) => {
      published = keys;
    },
    answers,
    asked,
    token(claims = {}, header = {}, by = key) {
      const seconds = Math.floor(now() / 1000);
      const usual = { iss: url, aud: 'keyward', sub: 'repo:acme/shop:ref:refs/heads/main', jti: randomUUID() };
      return sign({ ...usual, iat: seconds, exp: seconds + 300, ...claims }, by, header);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
