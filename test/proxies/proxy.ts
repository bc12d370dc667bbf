// Starts a real proxy with its configuration from examples/proxies, in which only addresses, ports and certificates are
// replaced. What its package would bring around that file stands here.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { selfSigned } from '../../server/src/http/self-signed.test-support.ts';
import { freePort, root } from '../end-to-end/run.ts';

export type ProxyName = 'nginx' | 'caddy' | 'haproxy' | 'apache' | 'traefik' | 'envoy';

interface Kind {
  /** In examples/proxies. */
  file: string;
  /** Files of examples/proxies that it reads beside it. */
  beside?: readonly string[];
  /** False if a call that may proceed is answered without RateLimit: the proxy cannot tell it. */
  tellsBudget?: false;
  /** The program, and how it says that it is there. */
  probe: readonly [string, ...string[]];
  /** True if it asks Keyward and calls the API itself; false if it calls Keyward's gateway. */
  asks: boolean;
  /** Our own replacements, beside those of addresses. */
  adapt?: (text: string, folder: string) => string;
  /** Writes what stands around the configuration and gives the command that runs it in the foreground. */
  command: (folder: string, file: string) => [string, ...string[]];
}

const apacheModules = 'mpm_event authz_core headers proxy proxy_http proxy_wstunnel socache_shmcb ssl'.split(' ');

export const kinds: Readonly<Record<ProxyName, Kind>> = {
  nginx: {
    file: 'nginx.conf',
    probe: ['nginx', '-v'],
    asks: true,
    command(folder, file) {
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (one) => `${one}_temp_path ${folder}/${one};`,
      );
      const main = join(folder, 'main.conf');
      const http = `access_log ${folder}/access.log; ${temporary.join(' ')} include ${file};`;
      writeFileSync(
        main,
        `worker_processes 1; pid ${folder}/pid; error_log stderr warn; daemon off;\nevents {}\nhttp { ${http} }\n`,
      );
      return ['nginx', '-p', folder, '-e', 'stderr', '-c', main];
    },
  },
  caddy: {
    file: 'Caddyfile',
    probe: ['caddy', 'version'],
    asks: true,
    adapt: (text, folder) =>
      `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${text.replace(/^(api\.example\.com:\d+) \{$/m, `$1 {\n\ttls ${folder}/cert.pem ${folder}/key.pem`)}`,
    command: (_folder, file) => ['caddy', 'run', '--config', file, '--adapter', 'caddyfile'],
  },
  haproxy: {
    file: 'haproxy.cfg',
    probe: ['haproxy', '-v'],
    asks: false,
    command: (_folder, file) => ['haproxy', '-db', '-f', file],
  },
  apache: {
    file: 'apache.conf',
    probe: ['apache2', '-v'],
    asks: false,
    command(folder, file) {
      const modules = apacheModules.map((one) => `LoadModule ${one}_module /usr/lib/apache2/modules/mod_${one}.so`);
      const main = join(folder, 'main.conf');
      const user = process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : [];
      const lines = [`ServerRoot ${folder}`, 'ServerName a', `PidFile ${folder}/pid`, `DefaultRuntimeDir ${folder}`];
      const log = [`ErrorLog ${folder}/error.log`, 'LogLevel warn'];
      const port = /VirtualHost \*:(\d+)/.exec(readFileSync(file, 'utf8'))?.[1];
      const all = [...lines, ...user, ...log, ...modules, `Listen 127.0.0.1:${port}`, `Include ${file}`];
      writeFileSync(main, `${all.join('\n')}\n`);
      return ['apache2', '-D', 'FOREGROUND', '-f', main];
    },
  },
  traefik: {
    file: 'traefik.yaml',
    beside: ['traefik-routes.yaml'],
    probe: ['traefik', 'version'],
    asks: true,
    tellsBudget: false,
    adapt: (text, folder) => text.replaceAll('/etc/traefik', folder),
    command: (_folder, file) => ['traefik', `--configFile=${file}`],
  },
  envoy: {
    file: 'envoy.yaml',
    probe: ['envoy', '--version'],
    asks: true,
    command: (_folder, file) => [
      'envoy',
      ...['--config-path', file],
      ...['--concurrency', '1'],
      ...['--log-level', 'warn'],
      '--disable-hot-restart',
    ],
  },
};

export interface Running {
  port: number;
  url: string;
  /**
   * Sends bytes over TLS as they are; gives back all that is answered until the end, or until silence. An answer is waited
   * for longer than more of it.
   */
  send(bytes: string, more?: { answerMs?: number; afterAnswer?: string }): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a proxy in front of Keyward and the API, by their ports on this machine. Throws with its log if it does not start. */
export async function startProxy(name: ProxyName, keyward: number, api: number): Promise<Running> {
  const { file, beside = [], adapt = (text) => text, command } = kinds[name];
  const folder = mkdtempSync(join(tmpdir(), `keyward-${name}-`));
  const port = await freePort();
  const { cert, key } = selfSigned();
  for (const [pem, text] of Object.entries({ cert, key, both: cert + key })) {
    writeFileSync(join(folder, `${pem}.pem`), text);
  }
  for (const one of [file, ...beside]) {
    const written = readFileSync(join(root, 'examples', 'proxies', one), 'utf8')
      .replaceAll(/127\.0\.0\.1(:|, port_value: )8080/g, `127.0.0.1$1${keyward}`)
      .replaceAll(/127\.0\.0\.1(:|, port_value: )3000/g, `127.0.0.1$1${api}`)
      .replaceAll('/etc/ssl/api.example.com', folder)
      .replace(/^( *listen )443/m, `$1127.0.0.1:${port}`)
      .replace(/^( *bind ):443/m, `$1127.0.0.1:${port}`)
      .replace('*:443', `*:${port}`)
      .replace("':443'", `'127.0.0.1:${port}'`)
      .replace('0.0.0.0, port_value: 443', `127.0.0.1, port_value: ${port}`)
      .replace(/^api\.example\.com \{/m, `api.example.com:${port} {`);
    writeFileSync(join(folder, one), adapt(written, folder));
  }
  const own = join(folder, file);
  mkdirSync(join(folder, 'home'));
  const [program, ...args] = command(folder, own);
  const environment = { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: join(folder, 'home') };
  const child = spawn(program, args, { cwd: folder, env: environment });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text));
  try {
    await listens(child, port);
  } catch (error) {
    await end(child);
    throw new Error(`${name} did not start:\n${log}`, { cause: error });
  }
  return {
    port,
    url: `https://api.example.com:${port}`,
    send: (bytes, { answerMs = 5000, afterAnswer = '' } = {}) => sendOverTls(port, bytes, answerMs, afterAnswer),
    async stop() {
      await end(child);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function listens(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`);
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('It does not listen.');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 3_000);
  await ended;
  clearTimeout(force);
}

const silenceMs = 500;

function sendOverTls(port: number, bytes: string, answerMs: number, afterAnswer: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, servername: 'api.example.com', rejectUnauthorized: false };
    const socket = connectTls(options, () => socket.write(Buffer.from(bytes, 'latin1')));
    let answer = '';
    const finish = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(answerMs, finish);
    socket.once('data', () => {
      socket.setTimeout(silenceMs);
      socket.write(Buffer.from(afterAnswer, 'latin1'));
    });
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
    });
    socket.on('error', finish);
    socket.on('close', finish);
  });
}
