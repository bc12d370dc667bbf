// The portal's few icons, drawn with one pen on a 24-pixel grid. They are ornament: whoever uses one gives the words.

const shapes = {
  start: 'M5 4v16M5 5h11l-2.5 4L16 13H5',
  token: 'M8 16.5a4.5 4.5 0 1 1 3.2-7.7L20 8.8v3.4h-2.6v2.6h-3v-2.6h-2.2A4.5 4.5 0 0 1 8 16.5Z M7.5 12h.01',
  robot: 'M6 9h12v10H6zM12 9V5M9.5 13.5v1M14.5 13.5v1M3.5 13v3M20.5 13v3',
  apps: 'M4.500 4.500h6v6h-6zM13.500 4.500h6v6h-6zM4.500 13.500h6v6h-6zM13.500 13.500h6v6h-6z',
  people:
    'M9 11a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 9 11ZM3.5 19.5c.3-3.3 2.4-5.2 5.5-5.2s5.200 1.900 5.500 5.200M15.500 5a3 3 0 0 1 0 5.800M17.500 14.800c1.800.700 2.800 2.300 3 4.700',
  shield: 'M12 3.5 5 6v5.500c0 4.300 2.700 7.400 7 9 4.300-1.600 7-4.700 7-9V6l-7-2.500ZM9 12l2.200 2.200L15.200 10',
  gauge: 'M4 17a8.500 8.500 0 1 1 16 0M12 15l4-5',
  chart: 'M4 20h16M7 16v-5M12 16V6M17 16v-8',
  bell: 'M6 16.500V11a6 6 0 1 1 12 0v5.500l1.500 1.500h-15ZM10 20.500h4',
  journal: 'M6 4h11a1.500 1.500 0 0 1 1.500 1.500V20H7.500A1.500 1.500 0 0 1 6 18.500V4ZM9.500 8.500H15M9.500 12H15',
  pen: 'M4.500 19.500 6 14.500 15.500 5 19 8.500 9.500 18ZM13.500 7 17 10.500',
  radar: 'M12 12 18 6M20.500 12A8.500 8.500 0 1 1 12 3.500M16 12a4 4 0 1 1-4-4',
  gear: 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM12 3.500v3M12 17.500v3M3.500 12h3M17.500 12h3M6 6l2.100 2.100M15.900 15.900 18 18M18 6l-2.100 2.100M8.100 15.900 6 18',
  building: 'M5 20V5h9v15M14 10h5v10M3.500 20h17M8 9h3M8 13h3',
  person:
    'M12 11.500a3.700 3.700 0 1 0 0-7.400 3.700 3.700 0 0 0 0 7.400ZM5 20c.500-3.700 3.200-5.700 7-5.700s6.500 2 7 5.700',
  copy: 'M9 9h10v11H9zM15 9V5H5v10h4',
  check: 'M5 12.500 10 17.500 19.500 7',
  download: 'M12 4v11M7.500 11l4.500 4.500L16.500 11M5 20h14',
  search: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM15.500 15.500 20 20',
  close: 'M6 6l12 12M18 6 6 18',
  plus: 'M12 5v14M5 12h14',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  up: 'M7 14l5-5 5 5',
  down: 'M7 10l5 5 5-5',
  left: 'M14 7l-5 5 5 5',
  right: 'M10 7l5 5-5 5',
  alert: 'M12 8.500V13M12 16.200v.01M12 3.800 21 19.500H3Z',
  info: 'M12 11v5.500M12 7.800v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M18.400 5.600 17 7M7 17l-1.400 1.400',
  moon: 'M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10Z',
  screen: 'M4 5h16v11H4zM9 20h6M12 16v4',
  leave: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l.800 12.500h8.400L17 7',
  rotate: 'M19.500 9A8 8 0 0 0 5 8M4.500 4v4.500H9M4.500 15A8 8 0 0 0 19 16M19.500 20v-4.500H15',
  eye: 'M2.500 12C5 7.500 8.200 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-5.700 6.500-9.500 6.500S5 16.500 2.500 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  clock: 'M12 7v5l3.500 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  filter: 'M4 6h16M7 12h10M10.500 18h3',
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
