// Choosing how the client authenticates.

import { Radio, Text } from '@mantine/core';
import { getStartedWords } from '../../words/get-started.ts';
import classes from './get-started.module.css';
import type { Way, WayId } from './ways.ts';

const words = getStartedWords.ways;

interface WayPickerProps {
  ways: { own: readonly Way[]; others: readonly Way[] };
  value: WayId;
  onChange: (way: string) => void;
}

export function WayPicker({ ways, value, onChange }: WayPickerProps) {
  return (
    <Radio.Group value={value} onChange={onChange} aria-label={words.title}>
      <Cards ways={ways.own} isTall />
      {ways.others.length > 0 && (
        <>
          <Text fz="sm" fw={600} mt="lg" mb="xs">
            {words.others}
          </Text>
          <Cards ways={ways.others} />
        </>
      )}
    </Radio.Group>
  );
}

function Cards({ ways, isTall = false }: { ways: readonly Way[]; isTall?: boolean }) {
  return (
    <div className={classes.ways} data-tall={isTall || undefined}>
      {ways.map(({ id }) => {
        const [title, text] = words.names[id] ?? [id, ''];
        return (
          <label key={id} htmlFor={`way-${id}`} className={classes.way}>
            <Radio id={`way-${id}`} value={id} aria-describedby={`way-${id}-text`} />
            <span className={classes.wayText}>
              <Text component="span" fz="sm" fw={600}>
                {title}
              </Text>
              <Text component="span" fz={13} c="dimmed" id={`way-${id}-text`}>
                {text}
              </Text>
            </span>
          </label>
        );
      })}
    </div>
  );
}
