// nginx as it is set up in examples/proxies, but over plain HTTP and with a file of its own in place of the API, so that
// what is measured is nginx's question and its answer. One nginx asks several: each has a port of its own.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onServerCore } from './pinning.ts';

export interface Nginx {
  pid: number;
  /** Its addresses, in the order of those that it asks. */
  urls: readonly string[];
  stop(): Promise<void>;
}

const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

export const hasNginx = spawnSync('nginx', ['-v'], { env: environment }).status === 0;

/** Starts one, in `folder`; the calls that it lets in get the file at `path`. `asked`: whom it asks, by their ports. */
export async function startNginx(folder: string, path: string, asked: readonly number[]): Promise<Nginx> {
  const page = join(folder, 'www', path);
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, 'x'.repeat(100));
  const ports: number[] = [];
  for (const _port of asked) ports.push(await freePort());
  const sites = asked.map((port, index) => siteFor(folder, port, ports[index] ?? 0, index));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${one};`);
  const settings = ['access_log off;', 'keepalive_requests 100000000;', ...temporary, ...sites];
  const main = join(folder, 'nginx.conf');
  const process = 'daemon off; master_process off; worker_processes 1; pid pid; error_log stderr error;';
  writeFileSync(main, `${process}\nevents { worker_connections 4096; }\nhttp {\n${settings.join('\n')}\n}\n`);
  const { command, args } = onServerCore(['-p', folder, '-e', 'stderr', '-c', main], 'nginx');
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const port of ports) await untilOpen(port);
  return {
    pid: child.pid ?? 0,
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** The example, under names of its own. Throws if the example no longer has what is replaced. */
function siteFor(folder: string, asked: number, port: number, index: number): string {
  const example = readFileSync(fileURLToPath(new URL('../examples/proxies/nginx.conf', import.meta.url)), 'utf8');
  const replacements: [string, string][] = [
    ['listen 443 ssl;', `listen 127.0.0.1:${port};`],
    ['  ssl_certificate /etc/ssl/api.example.com/cert.pem;\n', ''],
    ['  ssl_certificate_key /etc/ssl/api.example.com/key.pem;\n', ''],
    ['server 127.0.0.1:8080;', `server 127.0.0.1:${asked};`],
    ['proxy_pass http://api;', `root ${folder}/www;`],
    ['upstream keyward {', `upstream keyward${index} {`],
    ['http://keyward/', `http://keyward${index}/`],
    ['upstream api {', `upstream api${index} {`],
    ['$http_upgrade $api_connection {', `$http_upgrade $api_connection${index} {`],
    ['Connection $api_connection;', `Connection $api_connection${index};`],
  ];
  return replacements.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`examples/proxies/nginx.conf no longer says: ${from.trim()}`);
    return text.replace(from, to);
  }, example);
}

export interface Relay {
  port: number;
  /** How many connections it has passed on so far. */
  connections(): number;
  stop(): void;
}

/** Passes connections on to a port of this machine, and counts them. */
export async function startRelay(port: number): Promise<Relay> {
  let connections = 0;
  const server = createServer((near) => {
    connections += 1;
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    near.setNoDelay();
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: portOf(server.address()), connections: () => connections, stop: () => void server.close() };
}

/** A port of this machine that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  server.close();
  await once(server, 'close');
  return port;
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (typeof address !== 'object' || address === null) throw new Error('A server on a port has an address.');
  return address.port;
}

async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx did not start; what it said is above.');
}
