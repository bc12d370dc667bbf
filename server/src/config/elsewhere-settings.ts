// The settings of what is read from other servers: keys of issuers, and documents by which clients describe themselves; and of leaks.

import { isPermissionPattern } from '@keyward/rules/permission';
import * as read from './value.ts';

export const elsewhereSettings = {
  'outbound.allowPrivate': {
    env: 'KEYWARD_OUTBOUND_ALLOW_PRIVATE',
    flag: null,
    fallback: [],
    read: read.destinations,
    help: 'hosts, addresses and CIDR ranges off the public Internet that documents may be read from, separated by commas',
  },
  'outbound.ca': {
    env: 'KEYWARD_OUTBOUND_CA',
    flag: null,
    fallback: null,
    read: read.orNull(read.path),
    help: 'certificates, PEM, of CAs that are trusted in addition when documents of other servers are read',
  },
  'leaks.githubKeys': {
    env: 'KEYWARD_LEAKS_GITHUB_KEYS',
    flag: null,
    fallback: null,
    read: read.orNull(documentAddress),
    help: 'where GitHub publishes the keys that its secret scanning signs reports with; empty takes none from it',
  },
  'leaks.inClear': {
    env: 'KEYWARD_LEAKS_IN_CLEAR',
    flag: null,
    fallback: 'flag',
    read: read.inClearPolicy,
    help: 'what becomes of an API token that comes over plain HTTP: revoke, flag or off',
  },
  'clientMetadata.hosts': {
    env: 'KEYWARD_CLIENT_METADATA_HOSTS',
    flag: null,
    fallback: [],
    read: clientHosts,
    help: 'hosts whose addresses clients may call themselves by, without being registered, separated by commas; * for all',
  },
  'clientMetadata.permissions': {
    env: 'KEYWARD_CLIENT_METADATA_PERMISSIONS',
    flag: null,
    fallback: ['read:*'],
    read: patterns,
    help: 'the permissions that such clients may ask for at most, separated by commas',
  },
};

function documentAddress(value: unknown): string {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === '';
  if (isPlain) return url.href;
  throw new Error('must be an address such as https://api.github.com/meta/public_keys/secret_scanning');
}

/** Host names, a port behind one that is not 443; `*.` before a domain for all below it, `*` for all hosts. */
function clientHosts(value: unknown): readonly string[] {
  const list = read.words(value);
  const isHost = (one: string) =>
    /^(?:\*\.)?(?=.{1,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*(?::\d{1,5})?$/.test(one);
  const wrong = list.find((one) => one !== '*' && !isHost(one));
  if (wrong === undefined) return list;
  throw new Error(
    `must be host names in lower case, such as mcp.example.com or *.example.com, or "*", which "${wrong}" is not`,
  );
}

function patterns(value: unknown): readonly string[] {
  const list = read.words(value);
  const wrong = list.find((one) => !isPermissionPattern(one));
  if (wrong === undefined) return list;
  throw new Error(`must be permissions such as read:orders or read:*, which "${wrong}" is not`);
}
