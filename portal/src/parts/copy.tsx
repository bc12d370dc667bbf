// Copying: a button, and code or secrets shown with one. Where the browser refuses, it says how to do it by hand.

import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { partWords } from '../words/parts.ts';
import classes from './copy.module.css';
import { Icon } from './icon.tsx';
import { showProblem } from './notice.ts';

export interface CopyProps {
  text: string;
  /** What is copied, for the label: `Copy the token`. */
  label?: string;
  /** `icon` alone, or a `button` with words. */
  as?: 'icon' | 'button';
}

export function Copy({ text, label = partWords.copy, as = 'icon' }: CopyProps) {
  const [isCopied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 2000);
      },
      () => showProblem(new Error(partWords.copyFailed)),
    );
  const icon = <Icon name={isCopied ? 'check' : 'copy'} size={16} />;
  return (
    <>
      {as === 'button' ? (
        <Button variant="default" size="sm" leftSection={icon} onClick={copy}>
          {isCopied ? partWords.copied : label}
        </Button>
      ) : (
        <Tooltip label={isCopied ? partWords.copied : label}>
          <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={copy}>
            {icon}
          </ActionIcon>
        </Tooltip>
      )}
      <span className="kw-hidden" role="status">
        {isCopied ? partWords.copied : ''}
      </span>
    </>
  );
}

/** An id or another short text in monospace, with a button that copies it. */
export function Copyable({ text, label }: { text: string; label?: string }) {
  return (
    <span className={classes.inline}>
      <span className="kw-mono">{text}</span>
      <Copy text={text} {...(label !== undefined && { label })} />
    </span>
  );
}

/** Lines of code or a secret, with a button that copies them. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div className={classes.code}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section aria-label={label} tabIndex={0} className={classes.text}>
        <pre>{text}</pre>
      </section>
      <div className={classes.copy}>
        <Copy text={text} label={`${partWords.copy}: ${label}`} />
      </div>
    </div>
  );
}
