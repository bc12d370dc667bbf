// How the portal looks: one accent colour, calm greys, and contrasts that hold in light and dark (WCAG AA).

import { type CSSVariablesResolver, createTheme, localStorageColorSchemeManager } from '@mantine/core';
import { schemeKey } from './scheme-key.ts';
import { shellWords } from './words/shell.ts';

export const schemes = localStorageColorSchemeManager({ key: schemeKey });

/** The element that every overlay is drawn in; overlays.tsx makes it. */
export const overlaysId = 'overlays';

const sans = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const mono = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: 9,
  autoContrast: true,
  luminanceThreshold: 0.18,
  fontFamily: sans,
  fontFamilyMonospace: mono,
  defaultRadius: 'md',
  cursorType: 'pointer',
  headings: {
    fontFamily: sans,
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.3' },
      h2: { fontSize: '1.125rem', lineHeight: '1.4' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  respectReducedMotion: true,
  colors: {
    dark: [
      '#e3e6ea',
      '#b8bec8',
      '#a4abb6',
      '#646b77',
      '#3a3f49',
      '#2a2e36',
      '#1f2229',
      '#16181d',
      '#121418',
      '#0d0f12',
    ],
  },
  components: {
    Badge: { defaultProps: { tt: 'none', fw: 600 } },
    PasswordInput: {
      defaultProps: {
        visibilityToggleFocusable: true,
        visibilityToggleButtonProps: { 'aria-label': shellWords.showPassword },
      },
    },
    Portal: { defaultProps: { target: `#${overlaysId}` } },
    Modal: {
      defaultProps: {
        centered: true,
        padding: 'lg',
        radius: 'lg',
        overlayProps: { backgroundOpacity: 0.5 },
        transitionProps: { duration: 120 },
      },
    },
    // Mantine's placeholder for the first focus is no child that a menu may have (axe: aria-required-children).
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, shadow: 'md', transitionProps: { duration: 100 } } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, events: { hover: true, focus: true, touch: true } } },
  },
});

/** Light buttons and badges in text darker than Mantine's, on grounds lighter than its. */
const textColors = {
  indigo: 'var(--mantine-color-indigo-9)',
  red: 'var(--mantine-color-red-9)',
  orange: '#9a3412',
  yellow: '#7a4f00',
  green: '#1f6b33',
  teal: '#05664a',
  cyan: '#0a6272',
  grape: 'var(--mantine-color-grape-9)',
  gray: 'var(--mantine-color-gray-8)',
} as const;

function lightVariants(): Record<string, string> {
  const entries = Object.entries(textColors).flatMap(([name, color]) => [
    [`--mantine-color-${name}-light`, `var(--mantine-color-${name}-${name === 'gray' ? 1 : 0})`],
    [`--mantine-color-${name}-light-hover`, `var(--mantine-color-${name}-${name === 'gray' ? 2 : 1})`],
    [`--mantine-color-${name}-light-color`, color],
  ]);
  return Object.fromEntries(entries);
}

/** Mantine's own greys and reds for secondary text fall short of 4.5 : 1. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...lightVariants(),
    '--mantine-color-text': '#1b1e24',
    '--mantine-color-dimmed': '#545c66',
    '--mantine-color-placeholder': '#69717b',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--mantine-color-anchor': 'var(--mantine-color-indigo-9)',
    '--kw-line': 'var(--mantine-color-gray-3)',
    '--kw-side': '#f8f9fb',
    '--kw-inset': '#f6f7f9',
    '--kw-accent': 'var(--mantine-color-indigo-9)',
    '--kw-accent-soft': 'var(--mantine-color-indigo-0)',
  },
  dark: {
    '--mantine-color-text': '#e3e6ea',
    '--mantine-color-bright': '#f5f6f8',
    '--mantine-color-body': '#16181d',
    '--mantine-color-dimmed': '#a4abb6',
    '--mantine-color-placeholder': '#8f97a3',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-anchor': 'var(--mantine-color-indigo-3)',
    '--kw-line': '#2e323a',
    '--kw-side': '#111317',
    '--kw-inset': '#1c1f25',
    '--kw-accent': 'var(--mantine-color-indigo-3)',
    '--kw-accent-soft': '#232a45',
  },
});
