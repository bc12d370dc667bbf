// examples/deploy/nginx.conf, run by nginx in front of two nodes on one PostgreSQL; only names, ports and certificates are
// replaced. Where nginx is not installed the tests are skipped, and say so.

import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { generateSealingKeys } from '../../server/src/core/sealer.ts';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { type Demo, startDemo } from '../end-to-end/program.ts';
import { freePort, freshPlace, type Place, whyNot } from '../end-to-end/run.ts';
import { sharedPostgres } from '../postgres.ts';
import { readDeployed } from './files.ts';

process.env.PATH += ':/usr/sbin:/sbin';
const noNginx = await whyNot('nginx', ['-v']);

interface Answer {
  status: number;
  body: string;
}

function ask(port: number, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers, rejectUnauthorized: false, agent: false as const };
    const asked = request({ ...options, method: body === undefined ? 'GET' : 'POST' }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
    });
    asked.on('error', reject).end(body);
  });
}

describe.skipIf(noNginx)(`nginx before two nodes${noNginx === null ? '' : `: ${noNginx}`}`, () => {
  const nodes: Demo[] = [];
  let place: Place;
  let nginx: ChildProcess | undefined;
  let port: number;
  beforeAll(async () => {
    const database = await (await sharedPostgres()).createDatabase();
    const environment: Record<string, string> = {
      KEYWARD_DATABASE: database,
      KEYWARD_SECRETS: generateSealingKeys(),
      KEYWARD_TRUSTED_PROXIES: '127.0.0.1',
    };
    const ports = [await freePort(), await freePort()];
    for (const [at, own] of ports.entries()) {
      const folder = freshPlace();
      if (at > 0 && nodes[0]) cpSync(nodes[0].folder, join(folder.folder, 'data'), { recursive: true });
      const node = await startDemo({ place: folder, environment, args: ['--port', String(own)] });
      nodes.push(node);
      // The demo asks itself at its public address, which is not nginx's yet.
      environment.KEYWARD_URL = nodes[0]?.url ?? '';
    }
    place = freshPlace();
    port = await freePort();
    const { cert, key } = selfSigned();
    writeFileSync(join(place.folder, 'cert.pem'), cert);
    writeFileSync(join(place.folder, 'key.pem'), key);
    const server = readDeployed('nginx.conf')
      .replace('keyward-1:8080', `127.0.0.1:${ports[0]}`)
      .replace('keyward-2:8080', `127.0.0.1:${ports[1]}`)
      .replaceAll('/etc/nginx/tls', place.folder)
      .replace('listen 443', `listen 127.0.0.1:${port}`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (one) => `${one}_temp_path ${place.folder}/${one};`,
    );
    const around = `worker_processes 1; pid ${place.folder}/pid; error_log stderr crit; daemon off;\nevents {}\n`;
    const main = `${around}http { access_log off; ${temporary.join(' ')}\n${server}\n}\n`;
    writeFileSync(join(place.folder, 'main.conf'), main);
    nginx = spawn('nginx', ['-p', place.folder, '-e', 'stderr', '-c', join(place.folder, 'main.conf')]);
    await vi.waitFor(async () => expect(await ask(port, '/readyz', {})).toMatchObject({ status: 200 }), 20_000);
  });
  afterAll(async () => {
    nginx?.kill();
    for (const node of nodes) await node.kill();
    place?.remove();
  });

  test('both nodes take sign-ins that came over HTTPS to nginx, and one goes on when the other ends [S119]', async () => {
    const { email, password } = nodes[0]?.demo.owner ?? {};
    const json = { host: 'auth.example.com', 'content-type': 'application/json' };
    const signedIn = await ask(port, '/v1/login', json, JSON.stringify({ email, password }));
    expect(signedIn.status).toBe(200);
    const { accessToken } = JSON.parse(signedIn.body);
    const headers = { host: 'auth.example.com', authorization: `Bearer ${accessToken}` };
    const statuses = async (count: number) => {
      const all: number[] = [];
      for (let calls = 0; calls < count; calls += 1) all.push((await ask(port, '/v1/tokens', headers)).status);
      return [...new Set(all)];
    };
    expect(await statuses(10)).toEqual([200]);
    const stopped = nodes[0]?.stop();
    expect(await statuses(40)).toEqual([200]);
    expect(await stopped).toBe(0);
    expect(await statuses(10)).toEqual([200]);
  });

  test('what a client says of itself reaches no node', async () => {
    const forged = { host: 'auth.example.com', 'x-forwarded-proto': 'http', forwarded: 'proto=http;for=192.0.2.1' };
    expect((await ask(port, '/v1/tokens', { ...forged, authorization: 'Bearer kw_made-up' })).status).toBe(401);
  });
});
