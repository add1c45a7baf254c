/** Drawn for this page on a grid of 24, in strokes of 1.75. */
const PATHS = {
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  menu: 'M4 7h16M4 12h16M4 17h16',
  more: 'M5 11.5a.6.6 0 1 0 0 1.2.6.6 0 0 0 0-1.2zM12 11.5a.6.6 0 1 0 0 1.2.6.6 0 0 0 0-1.2zM19 11.5a.6.6 0 1 0 0 1.2.6.6 0 0 0 0-1.2z',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4',
  send: 'M12 19V5M6 11l6-6 6 6',
  stop: 'M8 8h8v8H8z',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  retry: 'M4 12a8 8 0 0 1 13.7-5.6L20 8.5M20 4v4.5h-4.5M20 12a8 8 0 0 1-13.7 5.6L4 15.5M4 20v-4.5h4.5',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  trash: 'M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5',
  up: 'M7 20V10l4-7c1.5 0 2.5 1 2.2 2.6L12.6 9H19l-1.6 9.2A2 2 0 0 1 15.4 20zM7 20H4V10h3',
  down: 'M7 4v10l4 7c1.5 0 2.5-1 2.2-2.6L12.6 15H19l-1.6-9.2A2 2 0 0 0 15.4 4zM7 4H4v10h3',
  left: 'M14.5 6l-6 6 6 6',
  right: 'M9.5 6l6 6-6 6',
  chevron: 'M6 9.5l6 6 6-6',
  filter: 'M4 6h16M7 12h10M10 18h4',
  document: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  folder: 'M3 6h6l2 2.5h10V19H3z',
  upload: 'M12 16V5M7 9.5L12 4.5l5 5M5 19.5h14',
  download: 'M12 4.5V16M7 11.5l5 5 5-5M5 19.5h14',
  external: 'M13 4h7v7M20 4l-9 9M17 14v6H4V7h6',
  chat: 'M4 5h16v11H10l-4 4v-4H4z',
  chart: 'M4 20h16M7 16v-5M12 16V6M17 16V9',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c1-4 4-6 7.5-6s6.5 2 7.5 6',
  warning: 'M12 4L2.8 20h18.4zM12 10v4.5M12 17.2v.1',
  info: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5M12 8v.1',
  key: 'M15 4a5 5 0 1 0-4.6 7L4 17.4V20h3v-2.5h2.5V15l1.6-1.6A5 5 0 0 0 15 4zM16 8v.1',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.5V12l3 2',
  settings: 'M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4',
  sidebar: 'M4 5h16v14H4zM9.5 5v14',
  quote: 'M6 7h5v6c0 2.5-1.5 4-4 4.5M14 7h5v6c0 2.5-1.5 4-4 4.5',
  arrowDown: 'M12 5v14M6 13l6 6 6-6',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words, or in a button that has a label: it says nothing itself. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the page: layers of ground. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg className="logo" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <rect className="logo__ground" width="24" height="24" rx="6" />
      <path className="logo__top" d="M5.5 8.5 12 5.2l6.5 3.3L12 11.8z" />
      <path className="logo__layers" d="m5.5 12 6.5 3.3 6.5-3.3M5.5 15.5l6.5 3.3 6.5-3.3" />
    </svg>
  );
}
