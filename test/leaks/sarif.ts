// What the standard says of a SARIF log (2.1.0, OASIS), as far as one of ours has it: which members each object may have and must have, and
// of which kind they are. By hand, as no package on the registry brings the schema. For tests only.

type Check = (value: unknown, at: string, faults: string[]) => void;

const is =
  (what: string, test: (value: unknown) => boolean): Check =>
  (value, at, faults) =>
    void (test(value) || faults.push(`${at} is no ${what}`));
const text = is('text', (value) => typeof value === 'string' && value !== '');
const yesOrNo = is('yes or no', (value) => typeof value === 'boolean');
const integer = (least: number) =>
  is(`integer of ${least} or more`, (value) => Number.isSafeInteger(value) && (value as number) >= least);
const oneOf = (...all: unknown[]) => is(`one of ${all.join(', ')}`, (value) => all.includes(value));
const listOf =
  (one: Check, least = 0): Check =>
  (value, at, faults) => {
    if (!Array.isArray(value) || value.length < least) faults.push(`${at} is no list of ${least} or more`);
    else for (const [index, item] of value.entries()) one(item, `${at}/${index}`, faults);
  };
const bag: Check = (value, at, faults) => {
  if (typeof value !== 'object' || value === null) faults.push(`${at} is no object`);
  else if ('tags' in value) listOf(text)(value.tags, `${at}/tags`, faults);
};

/** An object with these members and no others; a name with `!` must be there. */
function object(members: Readonly<Record<string, Check>>): Check {
  const known = new Map(Object.entries(members).map(([name, check]) => [name.replace('!', ''), check]));
  const needed = Object.keys(members).filter((name) => name.endsWith('!'));
  return (value, at, faults) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return void faults.push(`${at} is no object`);
    for (const name of needed) if (!(name.slice(0, -1) in value)) faults.push(`${at} lacks ${name.slice(0, -1)}`);
    for (const [name, member] of Object.entries(value)) {
      const check = known.get(name);
      if (check === undefined) faults.push(`${at} has ${name}, which is none of its members`);
      else check(member, `${at}/${name}`, faults);
    }
  };
}

const level = oneOf('none', 'note', 'warning', 'error');
const message = object({ 'text!': text });
/** Section 3.12. */
const multiformat = object({ 'text!': text, markdown: text });
/** Sections 3.28 to 3.30. Columns count what `columnKind` says; an end is behind the last character. */
const region = object({
  'startLine!': integer(1),
  startColumn: integer(1),
  endLine: integer(1),
  endColumn: integer(1),
});
/** Section 3.4: an address, relative or not (RFC 3986). */
const uri = is(
  'address',
  (value) =>
    typeof value === 'string' && /^[\w.~:/?#@!$&'()*+,;=%[\]-]+$/.test(value) && !/%(?![0-9A-F]{2})/i.test(value),
);
const location = object({
  physicalLocation: object({ 'artifactLocation!': object({ 'uri!': uri }), region }),
});
/** Section 3.27. */
const result = object({
  ruleId: text,
  ruleIndex: integer(0),
  level,
  'message!': message,
  locations: listOf(location),
  partialFingerprints: bag,
  properties: bag,
});
/** Sections 3.49 and 3.50. */
const rule = object({
  'id!': text,
  name: text,
  shortDescription: multiformat,
  fullDescription: multiformat,
  help: multiformat,
  defaultConfiguration: object({ level }),
  properties: bag,
});
/** Sections 3.14, 3.18 to 3.20 and 3.58. */
const run = object({
  'tool!': object({
    'driver!': object({ 'name!': text, version: text, semanticVersion: text, rules: listOf(rule) }),
  }),
  columnKind: oneOf('utf16CodeUnits', 'unicodeCodePoints'),
  invocations: listOf(
    object({
      'executionSuccessful!': yesOrNo,
      toolExecutionNotifications: listOf(object({ level, 'message!': message })),
    }),
  ),
  results: listOf(result),
});
const log = object({ $schema: text, 'version!': oneOf('2.1.0'), 'runs!': listOf(run) });

/** Empty for a log as the standard says. */
export function sarifFaults(value: unknown): string[] {
  const faults: string[] = [];
  log(value, '', faults);
  if (faults.length > 0) return faults;
  for (const { tool, results } of (value as { runs: Run[] }).runs) {
    for (const { ruleId, ruleIndex, locations } of results) {
      if (tool.driver.rules[ruleIndex]?.id !== ruleId) faults.push(`rule ${ruleIndex} is not ${ruleId}`);
      for (const { physicalLocation } of locations) {
        const { startColumn, endColumn } = physicalLocation.region;
        if (endColumn <= startColumn) faults.push(`${ruleId} ends before it begins`);
      }
    }
  }
  return faults;
}

interface Run {
  tool: { driver: { rules: { id: string }[] } };
  results: {
    ruleId: string;
    ruleIndex: number;
    locations: { physicalLocation: { region: { startColumn: number; endColumn: number } } }[];
  }[];
}
