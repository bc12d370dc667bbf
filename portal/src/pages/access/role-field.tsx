// Choosing a role, with what it is for. What holds more than oneself can be seen and not given.

import type { Role } from '@keyward/sdk/wire';
import { NativeSelect, Text } from '@mantine/core';
import { holds, useSession } from '../../session.ts';
import { accessWords } from '../../words/access.ts';
import { useRoles } from './catalogue.ts';

const words = accessWords.role;

export interface RoleFieldProps {
  label: string;
  description?: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

export function RoleField({ label, description, value, onChange, error }: RoleFieldProps) {
  const mayGive = useMayGive();
  const roles = useRoles();
  // Who may not see the roles still sees the one there is.
  const names = roles.some(({ name }) => name === value) || value === '' ? [] : [{ value, label: value }];
  const chosen = roles.find(({ name }) => name === value);
  return (
    <div>
      <NativeSelect
        label={label}
        description={description}
        data={[
          { value: '', label: words.choose, disabled: true },
          ...names,
          ...roles.map((role) => ({
            value: role.name,
            label: mayGive(role) ? role.name : words.notGivable(role.name),
            disabled: !mayGive(role) && role.name !== value,
          })),
        ]}
        value={value}
        error={error}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <Text fz="sm" c="dimmed" mt={6} role="status">
        {chosen === undefined ? '' : chosen.description || chosen.permissions.join(', ')}
      </Text>
    </div>
  );
}

/** Nobody gives what they do not have, and owners are made by owners. */
export function useMayGive(): (role: Pick<Role, 'name' | 'permissions'>) => boolean {
  const { user, held } = useSession();
  return (role) =>
    (role.name !== 'owner' || user.role === 'owner') && role.permissions.every((one) => holds(held, one));
}
