// Choosing what organizations may hold at most: everything, chosen permissions of the APIs or, for a single organization,
// what its plan says. Keyward's own permissions are not offered: no entitlement bounds them.

import { Radio, Stack, Text } from '@mantine/core';
import { PermissionPicker } from '../../parts/permission-picker.tsx';
import { entitlementWords } from '../../words/entitlements.ts';
import { useCatalogue } from '../access/catalogue.ts';
import type { EntitlementValues } from './entitlement.ts';
import { entitlementText } from './shown.tsx';

const words = entitlementWords.field;

interface EntitlementFieldProps {
  of: 'plan' | 'organization';
  value: EntitlementValues;
  onChange: (value: EntitlementValues) => void;
  error: string | undefined;
  /** Of an organization: what its plan says. */
  byPlan?: readonly string[];
  isDisabled?: boolean;
  /** Without it, for a dialog whose title says it. */
  isLabelHidden?: boolean;
}

export function EntitlementField({
  of,
  value,
  onChange,
  error,
  byPlan = [],
  isDisabled,
  isLabelHidden,
}: EntitlementFieldProps) {
  const options = useCatalogue().filter(({ builtIn }) => !builtIn);
  const choice = (kind: EntitlementValues['kind'], label: string, description: string) => (
    <Radio value={kind} label={label} description={description} disabled={isDisabled === true} />
  );
  return (
    <Stack gap="sm">
      <Radio.Group
        {...(isLabelHidden === true ? { 'aria-label': words[of] } : { label: words[of] })}
        description={words.hint}
        value={value.kind}
        onChange={(kind) => onChange({ ...value, kind: kind as EntitlementValues['kind'] })}
      >
        <Stack gap="xs" mt="xs">
          {of === 'organization' && choice('plan', words.asPlan, words.asPlanText(entitlementText(byPlan)))}
          {choice('all', words.all, words.allText)}
          {choice('chosen', words.chosen, words.chosenText)}
        </Stack>
      </Radio.Group>
      {value.kind === 'chosen' && isDisabled !== true && (
        <>
          <PermissionPicker
            label={words.permissions}
            options={options}
            value={value.chosen}
            onChange={(chosen) => onChange({ ...value, chosen })}
            error={error}
          />
          {value.chosen.length === 0 && (
            <Text fz="sm" c="dimmed" role="status">
              {words.none}
            </Text>
          )}
        </>
      )}
    </Stack>
  );
}
