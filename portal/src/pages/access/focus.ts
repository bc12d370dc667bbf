// Where the focus goes when what had it is gone: a dialog closes that another dialog opened, or shows other contents.

/** Puts it on the page's heading, from which one tabs on into the page. */
export function focusHeading(): void {
  setTimeout(() => document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true }));
}

/** Puts it into the contents that a dialog shows next: on what is marked `data-autofocus`, or on their frame. */
export function focusContents(frame: { readonly current: HTMLElement | null }): void {
  setTimeout(() => {
    const { current } = frame;
    (current?.querySelector<HTMLElement>('[data-autofocus]') ?? current)?.focus();
  });
}
