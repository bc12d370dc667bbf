// Mistakes in flags, in keyward.yaml and in the environment: they are told before anything is opened.

import type { Mistake } from './mistake.ts';

const choose = /--help|keyward serve --help/;
const pem = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49hunter2\n-----END PRIVATE KEY-----';

export const flags: readonly Mistake[] = [
  { name: 'a command that does not exist', args: ['sreve'], says: /unknown command 'sreve'/, mend: /serve/ },
  { name: 'a flag that does not exist', args: ['--prot', '1'], says: /unknown option '--prot'/, mend: /--port/ },
  { name: 'a word too many', args: ['serve', 'now'], says: /too many arguments/, mend: choose },
  { name: 'a flag without its value', args: ['serve', '--port'], says: /--port <number>/, mend: choose },
  { name: 'a port that is a word', args: ['--port', 'many'], says: /port .*"many" \(--port\)/, mend: /0 to 65535/ },
  { name: 'a port that is too high', args: ['--port', '65536'], says: /port .*"65536"/, mend: /0 to 65535/ },
  { name: 'a port below zero', args: ['--port', '-1'], says: /port .*"-1"/, mend: /0 to 65535/ },
  { name: 'an empty port', args: ['--port', ''], says: /port .*""/, mend: /0 to 65535/ },
  {
    name: 'an address for a host',
    args: ['--host', 'http://x'],
    says: /host .*"http:\/\/x"/,
    mend: /such as 127\.0\.0\.1/,
  },
  {
    name: 'a path behind url',
    args: ['--url', 'https://a.example/b'],
    says: /url .*a\.example\/b/,
    mend: /no path behind it/,
  },
  { name: 'a url of another kind', args: ['--url', 'ftp://a.example'], says: /url .*"ftp:/, mend: /like https:/ },
  {
    name: 'a name for a proxy',
    args: ['--trusted-proxies', 'localhost'],
    says: /trustedProxies .*"localhost"/,
    mend: /10\.0\.0\.1/,
  },
  {
    name: 'a range that is none',
    args: ['--trusted-proxies', '10.0.0.0/33'],
    says: /trustedProxies .*"10\.0\.0\.0\/33"/,
    mend: /10\.0\.0\.0\/8/,
  },
  {
    name: 'a dialect that does not exist',
    args: ['--dialects', 'native,debriked'],
    says: /dialects .*"debriked"/,
    mend: /did you mean "debricked"/,
  },
  {
    name: 'a log level that does not exist',
    args: ['--log-level', 'loud'],
    says: /logLevel .*"loud"/,
    mend: /fatal, error, warn/,
  },
  {
    name: 'a settings file that is not there',
    args: ['--config', 'nowhere.yaml'],
    says: /nowhere\.yaml does not exist/,
    mend: choose,
  },
  {
    name: 'a folder for a settings file',
    args: ['--config', '.'],
    says: /configuration file .* is a folder/,
    mend: choose,
  },
  {
    name: 'a certificate without its key',
    args: ['--tls-cert', 'a.pem'],
    says: /tls\.cert is given \(--tls-cert\), tls\.key is not/,
    mend: /Give both/,
  },
  {
    name: 'a key without its certificate',
    args: ['--tls-key', 'a.pem'],
    says: /tls\.key is given \(--tls-key\), tls\.cert is not/,
    mend: /Give both/,
  },
  { name: 'an empty data folder', args: ['--data', ''], says: /data .*""/, mend: /not empty/ },
  {
    name: 'a ~ that no shell replaced',
    args: ['--data=~/keyward'],
    says: /data begins with ~.*"~\/keyward"/,
    mend: /write the folder out/,
  },
  {
    name: 'a password as an argument',
    args: ['init', '--password=hunter2'],
    says: /unknown option '--password'/,
    mend: /--password-stdin|--help/,
  },
];

export const files: readonly Mistake[] = [
  {
    name: 'a tab in keyward.yaml',
    files: yaml('tls:\n\tcert: a'),
    says: /keyward\.yaml, line 2, column 1: .*tab/,
    mend: /use spaces/,
  },
  { name: 'a setting that is there twice', files: yaml('port: 1\nport: 2'), says: /line 2.*twice/, mend: choose },
  { name: 'a quote that does not end', files: yaml('host: "127.0.0.1'), says: /line 1.*a quote/, mend: /is missing/ },
  {
    name: 'a colon and a space in a value',
    files: yaml('url: https: //a.example'),
    says: /line 1.*two colons/,
    mend: /needs quotes/,
  },
  { name: 'an asterisk without quotes', files: yaml('host: *'), says: /keyward\.yaml/, mend: /quotes|anchor/ },
  {
    name: 'a list for a file',
    files: yaml('- port: 1'),
    says: /keyward\.yaml must hold settings/,
    mend: /such as "port: 9000"/,
  },
  {
    name: 'a setting that does not exist',
    files: yaml('prot: 1'),
    says: /keyward\.yaml: there is no setting "prot"/,
    mend: /did you mean "port"/,
  },
  {
    name: 'a setting below another that does not exist',
    files: yaml('tls: { crt: a }'),
    says: /"tls\.crt"/,
    mend: /did you mean "tls\.cert"/,
  },
  {
    name: 'a secret in the file',
    files: yaml('secrets: hunter2'),
    says: /secrets is not read from a file/,
    mend: /set KEYWARD_SECRETS/,
  },
  {
    name: 'a port that is a list',
    args: ['serve'],
    files: yaml('port: [1]'),
    says: /port .*\[1\] \(.*keyward\.yaml\)/,
    mend: /0 to 65535/,
  },
  {
    name: 'a URL for a host that is read from',
    args: ['serve'],
    files: yaml('outbound: { allowPrivate: ["https://issuer.example"] }'),
    says: /outbound\.allowPrivate .*"https:\/\/issuer\.example"/,
    mend: /host names, addresses or ranges, such as/,
  },
  {
    name: 'a URL for a host of clients',
    args: ['serve'],
    files: yaml('clientMetadata: { hosts: ["https://client.example"] }'),
    says: /clientMetadata\.hosts .*"https:\/\/client\.example"/,
    mend: /host names in lower case, such as mcp\.example\.com/,
  },
  {
    name: 'plain HTTP for the keys of GitHub',
    args: ['serve'],
    files: yaml('leaks: { githubKeys: "http://api.github.com/keys" }'),
    says: /leaks\.githubKeys .*"http:\/\/api\.github\.com\/keys"/,
    mend: /https:\/\/api\.github\.com\/meta\/public_keys\/secret_scanning/,
  },
  {
    name: 'a word for what came in clear',
    args: ['serve'],
    files: yaml('leaks: { inClear: delete }'),
    says: /leaks\.inClear .*"delete"/,
    mend: /revoke, flag or off/,
  },
  {
    name: 'a word for what clients may ask for',
    args: ['serve'],
    files: yaml('clientMetadata: { permissions: [read] }'),
    says: /clientMetadata\.permissions .*"read"/,
    mend: /read:orders or read:\*/,
  },
  {
    name: 'a file of authorities that is not there',
    files: yaml('outbound: { ca: none.pem }'),
    says: /none\.pem \(outbound\.ca\) does not exist/,
    mend: /outbound\.ca/,
  },
  {
    name: 'a file of authorities without a certificate',
    files: { ...yaml('outbound: { ca: ca.pem }'), 'ca.pem': 'hello' },
    says: /ca\.pem \(outbound\.ca\) holds no certificate/,
    mend: /in PEM/,
  },
  { name: 'a yes for true', files: yaml('portal: yes'), says: /portal .*"yes"/, mend: /true or false/ },
  {
    name: 'a domain in capitals',
    files: yaml('apiUserDomain: ACME'),
    says: /apiUserDomain .*"ACME"/,
    mend: /lower case/,
  },
  {
    name: 'a prefix in capitals',
    files: yaml('tokenPrefix: ACME'),
    says: /tokenPrefix .*"ACME"/,
    mend: /small letters/,
  },
  {
    name: 'a default plan that can be none',
    files: yaml('defaultPlan: Free plan'),
    says: /defaultPlan .*"Free plan"/,
    mend: /such as free/,
  },
  {
    name: 'a default plan that does not exist',
    files: yaml('defaultPlan: gold'),
    says: /defaultPlan is "gold"/,
    mend: /Name one of these: anonymous, .*free/,
  },
  { name: 'a prefix that JWTs begin with', files: yaml('tokenPrefix: eye'), says: /tokenPrefix .*"eye"/, mend: /ey/ },
  { name: 'no failure allowed', files: yaml('signInFailures: 0'), says: /signInFailures .*0/, mend: /from 1 to/ },
  { name: 'hours in words', files: yaml('sessionHours: twelve'), says: /sessionHours .*"twelve"/, mend: /from 1 to/ },
  {
    name: 'routes that are no list',
    files: yaml('routes: { path: /a }'),
    says: /routes must be a list/,
    mend: /list of routes/,
  },
  {
    name: 'many wrong settings, which are told at once',
    args: ['serve', '--log-level', 'loud', '--host', '::x'],
    environment: { KEYWARD_PROT: '1', KEYWARD_TLS_CERT: 'cert.pem' },
    files: yaml('port: many\nhots: x\ntrustedProxies: here'),
    says: /(?=[\s\S]*port )(?=[\s\S]*"hots")(?=[\s\S]*trustedProxies)(?=[\s\S]*logLevel)(?=[\s\S]*host )(?=[\s\S]*tls\.key)[\s\S]*"KEYWARD_PROT"/,
    mend: choose,
  },
  {
    name: 'a settings file that may not be read',
    files: yaml('port: 1'),
    asNobody: true,
    prepare: closed('keyward.yaml'),
    says: /keyward\.yaml may not be read by this account/,
    mend: choose,
  },
];

export const environment: readonly Mistake[] = [
  {
    name: 'a variable that does not exist',
    environment: { KEYWARD_PROT: '1' },
    says: /In the environment .*"KEYWARD_PROT"/,
    mend: /did you mean "KEYWARD_PORT"/,
  },
  {
    name: 'a port in words in a variable',
    environment: { KEYWARD_PORT: 'many' },
    args: ['serve'],
    says: /port .*"many" \(KEYWARD_PORT\)/,
    mend: /0 to 65535/,
  },
  {
    name: 'a collector that is no address',
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'tcp://collector:4318' },
    says: /telemetry\.endpoint must be an address.*\(OTEL_EXPORTER_OTLP_ENDPOINT\)/,
    mend: /http:\/\/127\.0\.0\.1:4318/,
  },
  {
    name: 'a password in the address of a collector',
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://me:hunter2@collector:4318' },
    says: /telemetry\.endpoint must hold no name and no password/,
    mend: /OTEL_EXPORTER_OTLP_HEADERS/,
  },
  {
    name: 'a protocol that is not spoken',
    environment: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    says: /telemetry\.protocol .*"grpc" \(OTEL_EXPORTER_OTLP_PROTOCOL\)/,
    mend: /http\/json/,
  },
  {
    name: 'headers for a collector that cannot be sent',
    environment: { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2%0d%0ax' },
    says: /telemetry\.headers must be headers that can be sent/,
    mend: /Authorization=Bearer%20/,
  },
  {
    name: 'a sampler that does not exist',
    environment: { OTEL_TRACES_SAMPLER: 'xray' },
    says: /telemetry\.sampler .*"xray"/,
    mend: /parentbased_always_on/,
  },
  {
    name: 'a share that is more than all',
    environment: { KEYWARD_REQUEST_LOG_SHARE: '10' },
    says: /requestLogShare .*"10"/,
    mend: /from 0 to 1, such as 0\.1/,
  },
  {
    name: 'a settings file in a variable that is not there',
    environment: { KEYWARD_CONFIG: 'nowhere.yaml' },
    says: /nowhere\.yaml does not exist/,
    mend: choose,
  },
  {
    name: 'another kind of database',
    environment: { KEYWARD_DATABASE: 'mysql://me:hunter2@db/x' },
    says: /database must be.*\(KEYWARD_DATABASE\)/,
    mend: /postgres:\/\/user@host/,
  },
  {
    name: 'a stray % in the address of a database',
    environment: { KEYWARD_DATABASE: 'postgres://me:hunter2%@db/x', KEYWARD_SECRETS: 'x' },
    says: /database has a %/,
    mend: /%25/,
  },
  {
    name: 'PostgreSQL without sealing keys',
    environment: { KEYWARD_DATABASE: 'postgres://db/x' },
    says: /sealing keys must be in KEYWARD_SECRETS/,
    mend: /\$\(cat secrets\.key\)/,
  },
  {
    name: 'the name of a file for the sealing keys',
    environment: { KEYWARD_SECRETS: '/run/secrets/key' },
    says: /sealing keys in KEYWARD_SECRETS cannot be used/,
    mend: /\$\(cat secrets\.key\)/,
  },
  {
    name: 'sealing keys that are none',
    environment: { KEYWARD_SECRETS: 'hunter2' },
    says: /KEYWARD_SECRETS cannot be used\. Line 1/,
    mend: /content of a secrets\.key/,
  },
  {
    name: 'a sealing key that is not random',
    environment: { KEYWARD_SECRETS: `00000001:${'A'.repeat(43)}` },
    says: /KEYWARD_SECRETS .*not a random key/,
    mend: /secrets\.key/,
  },
  {
    name: 'no sealing key but a comment',
    environment: { KEYWARD_SECRETS: '# none' },
    says: /KEYWARD_SECRETS .*no sealing key/,
    mend: /secrets\.key/,
  },
  {
    name: 'a key in the place of its file',
    environment: { KEYWARD_TLS_KEY: pem, KEYWARD_TLS_CERT: 'a' },
    says: /tls\.key must be the name of a file/,
    mend: /not what is in it/,
  },
];

function yaml(text: string): Record<string, string> {
  return { 'keyward.yaml': text };
}

/** Takes everybody's rights to a file away. */
function closed(name: string): NonNullable<Mistake['prepare']> {
  return async ({ path }) => {
    const { chmodSync } = await import('node:fs');
    chmodSync(path(name), 0);
    return undefined;
  };
}
