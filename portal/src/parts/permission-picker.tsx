// Choosing permissions: searchable, in groups, each with what it allows. What may not be given can be seen with the reason,
// and not chosen; the server decides all the same.

import type { Permission } from '@keyward/sdk/wire';
import { Button, Checkbox, Group, Input, Pill, ScrollArea, Text, TextInput } from '@mantine/core';
import { useId, useMemo, useState } from 'react';
import { partWords } from '../words/parts.ts';
import { Icon } from './icon.tsx';
import classes from './permission-picker.module.css';

const words = partWords.permissions;

export interface PermissionPickerProps {
  /** The permissions and patterns chosen. */
  value: readonly string[];
  onChange: (value: string[]) => void;
  /** The catalogue, from `GET /v1/permissions`. */
  options: readonly Permission[];
  /** Why a permission may not be given, in words; undefined for one that may. Without it all may. */
  whyNot?: (name: string) => string | undefined;
  label?: string;
  description?: string;
  error?: string | undefined;
}

export function PermissionPicker(props: PermissionPickerProps) {
  const { value, onChange, options, whyNot = () => undefined, label = words.label, description, error } = props;
  const [search, setSearch] = useState('');
  const id = useId();
  const groups = useMemo(() => grouped(options, search), [options, search]);
  const shown = groups.flatMap((group) => group.permissions);
  const pattern = patternIn(search, options, value);
  const toggle = (name: string, isOn: boolean) =>
    onChange(isOn ? [...value, name] : value.filter((one) => one !== name));
  const open = shown.map(({ name }) => name).filter((name) => whyNot(name) === undefined);
  return (
    <Input.Wrapper
      label={label}
      description={description}
      error={error}
      labelElement="div"
      role="group"
      aria-labelledby={id}
      labelProps={{ id }}
    >
      <div className={classes.box} data-error={error !== undefined || undefined}>
        <div className={classes.top}>
          <TextInput
            size="sm"
            variant="unstyled"
            leftSection={<Icon name="search" size={16} />}
            placeholder={words.search}
            aria-label={words.search}
            error={error !== undefined}
            withErrorStyles={false}
            value={search}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
            onKeyDown={(event) => {
              // Enter would send the form around it.
              if (event.key === 'Enter') event.preventDefault();
            }}
          />
          {value.length > 0 && (
            <Pill.Group px="sm" pb="xs">
              {value.map((name) => (
                <Pill
                  key={name}
                  withRemoveButton
                  onRemove={() => toggle(name, false)}
                  removeButtonProps={{ 'aria-label': words.remove(name), 'aria-hidden': false, tabIndex: 0 }}
                >
                  <span className="kw-mono">{name}</span>
                </Pill>
              ))}
            </Pill.Group>
          )}
        </div>
        <ScrollArea.Autosize mah={280} type="auto" viewportProps={{ tabIndex: -1 }}>
          {pattern !== null && (
            <>
              <Button
                variant="subtle"
                size="sm"
                fullWidth
                justify="flex-start"
                leftSection={<Icon name="plus" size={16} />}
                onClick={() => {
                  toggle(pattern, true);
                  setSearch('');
                }}
              >
                {words.addPattern(pattern)}
              </Button>
              {pattern !== '*:*' && (
                <Text fz="sm" c="dimmed" px="md" pb="xs">
                  {words.pattern}
                </Text>
              )}
            </>
          )}
          {groups.map(({ label: title, permissions }) => (
            <fieldset key={title} className={classes.group}>
              <legend className={classes.legend}>{title}</legend>
              {permissions.map((permission) => (
                <Option
                  key={permission.name}
                  permission={permission}
                  isChosen={value.includes(permission.name)}
                  whyNot={whyNot(permission.name)}
                  onChange={(isOn) => toggle(permission.name, isOn)}
                />
              ))}
            </fieldset>
          ))}
          {shown.length === 0 && pattern === null && (
            <Text fz="sm" c="dimmed" p="md">
              {options.length === 0 ? words.empty : words.noMatches}
            </Text>
          )}
        </ScrollArea.Autosize>
        <Group justify="space-between" className={classes.foot}>
          <Text fz="sm" c="dimmed" role="status">
            {words.chosen(value.length)}
          </Text>
          <Group gap={4}>
            <Button variant="subtle" size="compact-sm" onClick={() => onChange([...new Set([...value, ...open])])}>
              {words.all}
            </Button>
            <Button variant="subtle" size="compact-sm" onClick={() => onChange([])} disabled={value.length === 0}>
              {words.none}
            </Button>
          </Group>
        </Group>
      </div>
    </Input.Wrapper>
  );
}

function Option({
  permission,
  isChosen,
  whyNot,
  onChange,
}: {
  permission: Permission;
  isChosen: boolean;
  whyNot: string | undefined;
  onChange: (isOn: boolean) => void;
}) {
  const { name, description } = permission;
  return (
    <Checkbox
      className={classes.option}
      size="sm"
      checked={isChosen}
      disabled={whyNot !== undefined && !isChosen}
      label={<span className="kw-mono">{name}</span>}
      description={whyNot ?? description}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    />
  );
}

interface PermissionGroup {
  label: string;
  permissions: Permission[];
}

/** Those of the APIs first, each API's apart where there are several, then Keyward's; each by group and resource. */
function grouped(options: readonly Permission[], search: string): PermissionGroup[] {
  const wanted = search.trim().toLowerCase();
  const found = options.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted));
  const byResource = (one: Permission, other: Permission) =>
    one.group.localeCompare(other.group) ||
    resourceOf(one).localeCompare(resourceOf(other)) ||
    one.name.localeCompare(other.name);
  const apis = [...new Set(options.filter(({ builtIn }) => !builtIn).map(({ api }) => api))];
  return [
    ...apis.map((api) => ({
      label: apis.length === 1 ? words.own : (api ?? words.own),
      permissions: found.filter((one) => !one.builtIn && one.api === api).sort(byResource),
    })),
    { label: words.keyward, permissions: found.filter(({ builtIn }) => builtIn).sort(byResource) },
  ].filter(({ permissions }) => permissions.length > 0);
}

function resourceOf({ name }: Permission): string {
  return name.slice(name.indexOf(':') + 1);
}

/** A pattern that was typed into the search, such as `read:*`, unless it is there already. */
function patternIn(search: string, options: readonly Permission[], value: readonly string[]): string | null {
  const text = search.trim();
  const isPattern = /^[^\s:*]+:\*$|^\*:[^\s:*]+$|^\*:\*$/.test(text);
  return isPattern && !value.includes(text) && !options.some(({ name }) => name === text) ? text : null;
}
