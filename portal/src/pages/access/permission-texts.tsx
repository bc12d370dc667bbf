// Permissions with what each of them allows, beneath one another.

import { Text } from '@mantine/core';
import { accessWords } from '../../words/access.ts';
import { useCatalogue } from './catalogue.ts';
import classes from './permission-texts.module.css';

const words = accessWords.permissions;

export function PermissionTexts({ names }: { names: readonly string[] }) {
  const catalogue = useCatalogue();
  if (names.length === 0) return <Text c="dimmed">{words.none}</Text>;
  const textOf = (name: string) => {
    if (name === '*:*') return words.everything;
    if (name.includes('*')) return words.pattern;
    return catalogue.find((one) => one.name === name)?.description ?? words.unknown;
  };
  return (
    <ul className={classes.permissions}>
      {names.map((name) => (
        <li key={name} className={classes.permission}>
          <span className="kw-mono">{name}</span>
          <span>{textOf(name)}</span>
        </li>
      ))}
    </ul>
  );
}
