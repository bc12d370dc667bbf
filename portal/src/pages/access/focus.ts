// Where the focus goes when a dialog closes that another dialog opened: what opened the first may be long gone.

/** Puts it on the page's heading, from which one tabs on into the page. */
export function focusHeading(): void {
  setTimeout(() => document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true }));
}
