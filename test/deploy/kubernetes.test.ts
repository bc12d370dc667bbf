// examples/deploy/kubernetes. No cluster runs here: each object is held against the JSON schema of its kind and, since those let
// unknown members pass, against its types by the compiler; and the objects against one another.

import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gateway, HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import { Middleware } from '@kubernetes-models/traefik/traefik.io/v1alpha1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Namespace, Service } from 'kubernetes-models/v1';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../server/src/config/config.ts';
import { readPage } from '../end-to-end/docs-page.ts';
import { root, whyNot } from '../end-to-end/run.ts';
import { deployFolder, filledIn, readDeployed, variablesIn } from './files.ts';

const folder = join(deployFolder, 'kubernetes');
const noKubectl = await whyNot('kubectl', ['version', '--client']);
const kustomization = parse(readDeployed('kubernetes/kustomization.yaml'));

/** A kind's schema, and where its type is. */
const kinds = {
  Namespace: [Namespace, 'kubernetes-models/v1'],
  Service: [Service, 'kubernetes-models/v1'],
  Deployment: [Deployment, 'kubernetes-models/apps/v1'],
  PodDisruptionBudget: [PodDisruptionBudget, 'kubernetes-models/policy/v1'],
  HorizontalPodAutoscaler: [HorizontalPodAutoscaler, 'kubernetes-models/autoscaling/v2'],
  NetworkPolicy: [NetworkPolicy, 'kubernetes-models/networking.k8s.io/v1'],
  Gateway: [Gateway, '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1'],
  HTTPRoute: [HTTPRoute, '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1'],
  Middleware: [Middleware, '@kubernetes-models/traefik/traefik.io/v1alpha1'],
} as const;

// biome-ignore lint/suspicious/noExplicitAny: what a file holds is what is tested
type Parsed = any;
const objects: Parsed[] = kustomization.resources.flatMap((name: string) =>
  parseAllDocuments(readDeployed(`kubernetes/${name}`)).map((one) => one.toJS()),
);
const find = (kind: string, name = 'keyward') =>
  objects.find((one) => one.kind === kind && one.metadata.name === name) ?? expect.fail(`There is no ${kind} ${name}.`);
const pod = find('Deployment').spec.template;
const [container] = pod.spec.containers;

describe('the objects', () => {
  test('are all listed, and each is what the schema of its kind says', () => {
    const others = ['kustomization.yaml', 'keyward.yaml', 'prometheus-adapter.yaml'];
    expect([...kustomization.resources, ...others].sort()).toEqual(globSync('*.yaml', { cwd: folder }).sort());
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(new Set(Object.keys(kinds)));
    for (const one of objects) {
      const [Kind] = kinds[one.kind as keyof typeof kinds];
      const read = new Kind(one);
      expect(() => read.validate(), one.kind).not.toThrow();
      expect([read.apiVersion, read.kind]).toEqual([one.apiVersion, one.kind]);
    }
    const wrong = new Deployment({ ...find('Deployment'), spec: { ...find('Deployment').spec, replicas: '2' } });
    expect(() => wrong.validate()).toThrow();
  });

  test('have no member that their kind does not know', { timeout: 120_000 }, () => {
    const place = mkdtempSync(join(root, 'node_modules', '.kubernetes-types-'));
    const lines = Object.entries(kinds).map(([kind, [, from]]) => `import type { I${kind} } from '${from}';`);
    const values = objects.map((one, at) => `export const _${at}: I${one.kind} = ${JSON.stringify(one)};`);
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', ''];
    const compile = (text: readonly string[]) => {
      writeFileSync(join(place, 'objects.mts'), text.join('\n'));
      execFileSync(join(root, 'node_modules', '.bin', 'tsc'), [...options, join(place, 'objects.mts')], {
        stdio: 'pipe',
      });
    };
    try {
      compile([...lines, ...values]);
      const misspelled = values.map((one) => one.replace('"readinessProbe"', '"readyProbe"'));
      expect(() => compile([...lines, ...misspelled])).toThrow();
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  test('name one another rightly', () => {
    const names = new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
    const { labels } = pod.metadata;
    for (const kind of ['Deployment', 'PodDisruptionBudget'])
      expect(find(kind).spec.selector.matchLabels).toEqual(labels);
    expect(find('NetworkPolicy').spec.podSelector.matchLabels).toEqual(labels);
    expect(find('Service').spec.selector).toEqual(labels);
    const { kind, name } = find('HorizontalPodAutoscaler').spec.scaleTargetRef;
    expect(names.has(`${kind} ${name}`)).toBe(true);
    expect(find('Deployment').spec.replicas).toBeUndefined();
    for (const { spec } of objects.filter((one) => one.kind === 'HTTPRoute')) {
      const [{ filters = [] }] = spec.rules;
      for (const { extensionRef } of filters) expect(names.has(`${extensionRef.kind} ${extensionRef.name}`)).toBe(true);
      const listener = find('Gateway').spec.listeners.find(
        (one: Parsed) => one.name === spec.parentRefs[0].sectionName,
      );
      expect(spec.hostnames).toEqual([listener.hostname]);
    }
    expect(container.envFrom[0].secretRef.name).toBe(kustomization.secretGenerator[0].name);
    expect(pod.spec.volumes[0].configMap.name).toBe(kustomization.configMapGenerator[0].name);
    expect(kustomization.images[0].name).toBe(container.image);
  });

  test('give a pod no right that it does not need', () => {
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(find('Namespace').metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
  });

  test('end a pod only after a stop of ten seconds had its time, and start a new one first [S119]', () => {
    const { terminationGracePeriodSeconds } = pod.spec;
    expect(container.lifecycle.preStop.sleep.seconds + 10).toBeLessThan(terminationGracePeriodSeconds);
    expect(find('Deployment').spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(container.readinessProbe.httpGet.path).toBe('/readyz');
    expect(container.livenessProbe.httpGet.path).toBe('/healthz');
  });

  test('ask Keyward as Traefik outside of a cluster does', () => {
    const { http } = parse(readFileSync(join(root, 'examples', 'proxies', 'traefik-routes.yaml'), 'utf8'));
    const inCluster = find('Middleware', 'forward-auth').spec.forwardAuth;
    const { address, ...asked } = http.middlewares['forward-auth'].forwardAuth;
    expect(inCluster).toEqual({ ...asked, address: inCluster.address });
    expect(new URL(inCluster.address).pathname).toBe(new URL(address).pathname);
    expect(find('Middleware', 'no-hops').spec).toEqual(http.middlewares['no-hops']);
  });
});

test('the settings are such as Keyward has', () => {
  const own = Object.fromEntries(container.env.map(({ name, value }: Parsed) => [name, value]));
  const secret = variablesIn(filledIn(readDeployed('kubernetes/keyward.env.example')));
  const config = loadConfig({}, { ...own, ...secret, KEYWARD_CONFIG: join(folder, 'keyward.yaml') }, folder);
  expect(config).toMatchObject({ url: 'https://auth.example.com', workers: 1 });
  expect(own.KEYWARD_CONFIG).toBe(join(container.volumeMounts[0].mountPath, 'keyward.yaml'));
});

test('pods are counted by a metric that there is, under the name that the adapter gives it', () => {
  const [rule] = parse(readDeployed('kubernetes/prometheus-adapter.yaml')).rules.custom;
  const [metric] = find('HorizontalPodAutoscaler').spec.metrics;
  expect(metric.pods.metric.name).toBe(rule.name.as);
  const [name = ''] = /^\w+/.exec(rule.seriesQuery) ?? [];
  expect(rule.metricsQuery).toContain(name);
  expect(readPage('docs/metrics.md')).toContain(`| \`${name}\` |`);
});

test.skipIf(noKubectl)(`kubectl makes one whole of them${noKubectl === null ? '' : `: ${noKubectl}`}`, () => {
  const place = mkdtempSync(join(tmpdir(), 'keyward-kubernetes-'));
  try {
    cpSync(folder, place, { recursive: true });
    cpSync(join(folder, 'keyward.env.example'), join(place, 'keyward.env'));
    const made = execFileSync('kubectl', ['kustomize', place], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const built: Parsed[] = parseAllDocuments(made).map((one) => one.toJS());
    expect(built.map(({ kind }) => kind).sort()).toEqual(
      [...objects.map(({ kind }) => kind), 'ConfigMap', 'Secret'].sort(),
    );
    const { spec } = built.find(({ kind }) => kind === 'Deployment').spec.template;
    const secret = built.find(({ kind }) => kind === 'Secret').metadata.name;
    expect(spec.containers[0].envFrom[0].secretRef.name).toBe(secret);
    expect(secret).toMatch(/^keyward-secrets-\w+$/);
    expect(spec.containers[0].image).toBe('registry.example.com/keyward:0.1.0');
  } finally {
    rmSync(place, { recursive: true });
  }
});
