// Choosing which APIs a token is for. Whoever guards one API alone is not asked.

import { Checkbox, Radio, Stack } from '@mantine/core';
import { tokensWords } from '../../words/tokens.ts';
import { useApis } from '../access/catalogue.ts';

const words = tokensWords.apis;

export interface ApisValues {
  isAll: boolean;
  /** Handles; kept while all are chosen. */
  chosen: string[];
}

interface ApisFieldProps {
  value: ApisValues;
  onChange: (value: ApisValues) => void;
  error: string | undefined;
}

/** Nothing where there is one API, unless some are chosen already. */
export function ApisField({ value, onChange, error }: ApisFieldProps) {
  const apis = useApis();
  if (apis.length < 2 && value.isAll) return null;
  return (
    <Stack gap="xs">
      <Radio.Group
        label={words.label}
        value={value.isAll ? 'all' : 'chosen'}
        onChange={(next) => onChange({ ...value, isAll: next === 'all' })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="all" label={words.all} description={words.allHint} />
          <Radio value="chosen" label={words.chosen} description={words.chosenHint} />
        </Stack>
      </Radio.Group>
      {!value.isAll && (
        <Checkbox.Group
          aria-label={words.list}
          value={value.chosen}
          onChange={(chosen) => onChange({ ...value, chosen })}
          error={error}
          pl={32}
        >
          <Stack gap="xs">
            {apis.map(({ handle, name }) => (
              <Checkbox
                key={handle}
                value={handle}
                label={name}
                description={<span className="kw-mono">{handle}</span>}
                aria-invalid={error === undefined ? undefined : true}
              />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
    </Stack>
  );
}

export function apisValuesOf(apis: readonly string[] | null): ApisValues {
  return { isAll: apis === null, chosen: [...(apis ?? [])] };
}

/** As they are sent; null for all. */
export function apisIn({ isAll, chosen }: ApisValues): string[] | null {
  return isAll ? null : chosen;
}

/** What is plainly wrong. */
export function apisFault(value: ApisValues): string | undefined {
  return value.isAll || value.chosen.length > 0 ? undefined : words.needed;
}
