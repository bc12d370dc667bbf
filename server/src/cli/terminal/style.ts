// How text looks on a screen: its colours, and how wide it is. In a pipe there are neither.

import { styleText } from 'node:util';
import type { Terminal } from './terminal.ts';

export type Style = Parameters<typeof styleText>[0];

/** Whether this stream is coloured: NO_COLOR and FORCE_COLOR decide before the screen does (no-color.org, force-color.org). */
export function isColoured({ environment }: Terminal, stream: { isTTY?: boolean }): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  return stream.isTTY === true && TERM !== 'dumb';
}

/** The text in this style, where results are coloured. */
export function styled(terminal: Terminal, style: Style | undefined, text: string): string {
  if (style === undefined || text === '' || !isColoured(terminal, terminal.output)) return text;
  return styleText(style, text, { validateStream: false });
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** East Asian wide and fullwidth (Unicode annex 11), as far as names have them, and pictures. */
const wide =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|.\ufe0f)/u;

/** How many columns of a screen a line of text takes. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** The text, or its beginning and `…` where it is wider than so many columns. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let taken = 1;
  for (const { segment } of segmenter.segment(text)) {
    taken += widthOf(segment);
    if (taken > width) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
}
