// Texts that would do something if a page took them for more than text, and the proof that they did nothing.

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { naughtyStrings } from '../bad-input/naughty-strings.ts';

/** Would set `window.harmed`, each in another way. */
export const payloads: readonly string[] = [
  '<img src=x onerror="window.harmed=1">',
  '"><svg onload="window.harmed=1">',
  '</script><script>window.harmed=1</script>',
  "'-window.harmed=1-'",
  'javascript:window.harmed=1',
  '{{constructor.constructor("window.harmed=1")()}}',
  '<iframe srcdoc="<script>parent.harmed=1</script>">',
  '<a href="javascript:window.harmed=1">x</a>',
  ...naughtyStrings.filter((text) => /[<>{}]/.test(text) && text.length < 60),
];

/** Nothing ran, and nothing of the texts became an element (S88). */
export async function expectHarmless(page: Page): Promise<void> {
  expect(await page.evaluate('window.harmed')).toBeUndefined();
  expect(await page.locator('main :is(img, iframe, script, object, embed, form[action])').count()).toBe(0);
  expect(await page.locator('main [onerror], main [onload], main [href^="javascript:"]').count()).toBe(0);
}
