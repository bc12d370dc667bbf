// The menu at the end of a row: what can be done with it.

import { ActionIcon, Menu } from '@mantine/core';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { accessWords } from '../../words/access.ts';

export interface RowAction {
  label: string;
  icon: IconName;
  onClick: () => void;
  isDangerous?: boolean;
}

/** `name` is what the row is called; without actions there is no menu. */
export function RowMenu({
  name,
  actions,
  as = 'icon',
}: {
  name: string;
  actions: readonly (RowAction | false)[];
  /** `button` where it stands beside others. */
  as?: 'icon' | 'button';
}) {
  const shown = actions.filter((action) => action !== false);
  if (shown.length === 0) return null;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon
          variant={as === 'button' ? 'default' : 'subtle'}
          color="gray"
          size={as === 'button' ? 36 : 'md'}
          aria-label={accessWords.actionsFor(name)}
        >
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {shown.map(({ label, icon, onClick, isDangerous }) => (
          <Menu.Item
            key={label}
            leftSection={<Icon name={icon} size={16} />}
            onClick={onClick}
            {...(isDangerous && { c: 'var(--mantine-color-error)' })}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
