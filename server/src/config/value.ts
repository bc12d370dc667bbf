// How single settings are read, from text or from what a YAML file holds. Each reader throws an Error whose message
// continues the setting's name ("must be …") and never repeats the value: whether it may be shown is for the table.

import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseAddressRange } from '@keyward/rules/address';
import { isApiTokenPrefix } from '@keyward/rules/api-token-form';
import { nearestWord } from '@keyward/rules/nearest-word';
import { type DialectName, dialectNames } from '../dialects/dialect.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** Who takes a nonce: the node that gave it, or all nodes. */
export type NonceScope = 'node' | 'shared';

/** What becomes of an API token that came in clear. */
export type InClearPolicy = 'revoke' | 'flag' | 'off';

const logLevels: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** A reader for a setting that may be absent. */
export function orNull<T>(reader: (value: unknown, folder: string) => T): (value: unknown, folder: string) => T | null {
  return (value, folder) => (value === null ? null : reader(value, folder));
}

export function text(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') throw new Error('must be text that is not empty');
  return value;
}

/** A name or address to listen on. */
export function host(value: unknown): string {
  if (typeof value === 'string' && (isIP(value) !== 0 || /^[A-Za-z0-9.-]{1,253}$/.test(value))) return value;
  throw new Error('must be an address or a host name, such as 127.0.0.1');
}

export function port(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 65535) return number;
  throw new Error('must be a whole number from 0 to 65535');
}

/** A whole number from 1 to a million. */
export function count(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,7}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= 1_000_000) return number;
  throw new Error('must be a whole number from 1 to 1000000');
}

/** How many processes. */
export function workers(value: unknown): number | 'auto' {
  if (value === 'auto') return value;
  const number = typeof value === 'string' && /^\d{1,2}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= 64) return number;
  throw new Error('must be auto or a whole number from 1 to 64');
}

/** Seconds, perhaps a part of one, up to a day. */
export function seconds(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,5}(\.\d{1,3})?$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && number > 0 && number <= 86_400) return number;
  throw new Error('must be seconds, more than 0 and at most 86400');
}

/** A part of all: from 0 to 1. */
export function share(value: unknown): number {
  const number = typeof value === 'string' && /^(?:0|1|[01]?\.\d{1,9})$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && number >= 0 && number <= 1) return number;
  throw new Error('must be a number from 0 to 1, such as 0.1');
}

/** A number of bytes, or such as `64kB`, `10MB`, `2GB`. */
export function size(value: unknown): number {
  const [, digits = '', unit = ''] = /^(\d{1,15})\s*(|B|kB|KB|MB|GB)$/.exec(String(value)) ?? [];
  const power = ['', 'B', 'KB', 'MB', 'GB'].indexOf(unit.toUpperCase());
  const bytes = digits === '' ? 0 : Number(digits) * 1024 ** Math.max(0, power - 1);
  if (Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  throw new Error('must be a size such as 10MB or 64kB');
}

/** `true` or `false`, as text too. */
export function yesOrNo(value: unknown): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new Error('must be true or false');
}

/** An absolute path; a relative one starts at `folder`. */
export function path(value: unknown, folder: string): string {
  const given = text(value);
  if (given.includes('-----BEGIN ')) throw new Error('must be the name of a file, and not what is in it');
  if (/^~[\w.-]*(\/|$)/.test(given)) {
    throw new Error(
      'begins with ~, which only a shell replaces, and only at the start of a word: write the folder out',
    );
  }
  if (given.includes('\0')) throw new Error('holds a character that no file name can have');
  return resolve(folder, given);
}

/** `https://host[:port]`, without path, credentials or trailing slash. */
export function origin(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const isPlain = url !== null && url.href === `${url.origin}/` && /^https?:\/\/[^*]+$/.test(url.origin);
  if (!isPlain) throw new Error('must be an address like https://auth.example.com, with no path behind it');
  return url.origin;
}

/** Origins of pages, or `*` for all. */
export function origins(value: unknown): readonly string[] {
  return words(value).map((one) => (one === '*' ? one : origin(one)));
}

export function postgresUrl(value: unknown): string {
  if (typeof value !== 'string' || !/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value)) {
    throw new Error('must be an address like postgres://user@host:5432/name (leave it out for SQLite)');
  }
  const { username, password, pathname } = new URL(value);
  if (![username, password, pathname].every(isPercentEncoded)) {
    throw new Error('has a % that begins no percent-encoding: write % itself as %25');
  }
  return value;
}

/** IP addresses and CIDR ranges. */
export function networks(value: unknown): readonly string[] {
  const list = words(value);
  const wrong = list.filter((one) => !isNetwork(one));
  if (wrong.length === 0) return list;
  const none = wrong.map((one) => `"${one}"`).join(', ');
  throw new Error(
    `must be addresses or ranges such as 10.0.0.1 or 10.0.0.0/8, which ${none} ${wrong.length > 1 ? 'are' : 'is'} not`,
  );
}

/** Host names, IP addresses and CIDR ranges. */
export function destinations(value: unknown): readonly string[] {
  const list = words(value);
  const isHost = (one: string) =>
    /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/i.test(one) &&
    !/^[\dx]+$/i.test(one.slice(one.lastIndexOf('.') + 1));
  const wrong = list.find((one) => !isHost(one) && parseAddressRange(one) === null);
  if (wrong === undefined) return list;
  throw new Error(
    `must be host names, addresses or ranges, such as kubernetes.default.svc or 10.0.0.0/8, which "${wrong}" is not`,
  );
}

/** Text lists the dialects that are on; a map switches single ones off, the others stay on. */
export function dialects(value: unknown): Readonly<Record<DialectName, boolean>> {
  const chosen = isMap(value) ? value : Object.fromEntries(words(value).map((name) => [name, true]));
  const unknown = Object.keys(chosen).filter((name) => !dialectNames.some((known) => known === name));
  if (unknown.length > 0) {
    const strangers = unknown.map((name) => unknownWord(name, dialectNames, 'dialect').replace(/\.$/, ''));
    throw new Error(`is wrong: ${strangers.join('; ')}`);
  }
  if (!Object.values(chosen).every((on) => typeof on === 'boolean')) throw new Error('must say true or false for each');
  const others = isMap(value);
  const isOn = (name: string) => (typeof chosen[name] === 'boolean' ? chosen[name] : others);
  return Object.fromEntries(dialectNames.map((name) => [name, isOn(name)])) as Record<DialectName, boolean>;
}

export function domain(value: unknown): string {
  if (typeof value === 'string' && /^(?=.{1,200}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(value)) return value;
  throw new Error('must be a domain in lower case, such as example.com');
}

/** Small letters and digits: what reads as a word to people and to secret scanners. */
export function tokenPrefix(value: unknown): string {
  if (typeof value === 'string' && isApiTokenPrefix(value)) return value;
  throw new Error(
    'must be 2 to 10 small letters and digits, a letter first, such as acme; not beginning with ey, as JWTs do',
  );
}

export function planId(value: unknown): string {
  if (typeof value === 'string' && /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/.test(value)) return value;
  throw new Error('must be the id of a plan, such as free');
}

export function nonceScope(value: unknown): NonceScope {
  if (value === 'node' || value === 'shared') return value;
  throw new Error('must be node or shared');
}

export function inClearPolicy(value: unknown): InClearPolicy {
  if (value === 'revoke' || value === 'flag' || value === 'off') return value;
  throw new Error('must be revoke, flag or off');
}

export function logLevel(value: unknown): LogLevel {
  const level = logLevels.find((one) => one === value);
  if (level !== undefined) return level;
  throw new Error(`must be one of ${logLevels.join(', ')}`);
}

/** Text with commas, or a list of texts. */
export function words(value: unknown): readonly string[] {
  const list = typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value;
  const isList = Array.isArray(list) && list.every((one) => typeof one === 'string');
  if (!isList) throw new Error('must be a list');
  return list.filter((one) => one !== '');
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Says that there is no such word, and which known one was probably meant. */
export function unknownWord(word: string, known: readonly string[], what: string): string {
  const nearest = nearestWord(word, known);
  return `there is no ${what} "${word}"${nearest === undefined ? '.' : `; did you mean "${nearest}"?`}`;
}

function isPercentEncoded(part: string): boolean {
  return !/%(?![\dA-Fa-f]{2})/.test(part);
}

function isNetwork(network: string): boolean {
  const [address = '', bits, ...rest] = network.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
