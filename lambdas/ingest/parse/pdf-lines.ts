/**
 * A run of text on one baseline. Coordinates are points of the page as it is shown: `x` to the right, `y` down, from
 * the top left corner.
 */
export interface Segment {
  text: string;
  x: number;
  right: number;
  /** The baseline. */
  y: number;
  /** Font size in points. */
  size: number;
  rightToLeft: boolean;
}

/** Segments on one baseline within one column. */
export interface Line extends Segment {
  /** Parted by wide gaps, as the cells of a table are. */
  readonly isTabular: boolean;
  /** Left and right edge of the column that the line stands in. */
  readonly column: { readonly left: number; readonly right: number };
}

/** A gap wider than this many font sizes parts table cells or columns. */
const segmentGap = 1.2;
/** A bullet or a number that stands apart from its list item. */
const itemMark = /^\s*([^\p{L}\p{N}]|\(?(\d{1,3}|\p{L}|[ivx]{1,5})[.)])\s*$/iu;
/** A gap wider than this many font sizes is a space. */
const wordGap = 0.18;

/** Joins text items, given in the order of the content stream, into segments. */
export function joinSegments(items: Iterable<Segment>): Segment[] {
  const segments: Segment[] = [];
  let current: Segment | undefined;
  let pendingSpace = false;
  for (const item of items) {
    if (item.text.trim() === '') {
      pendingSpace = true;
      continue;
    }
    if (current && continues(current, item)) append(current, item, pendingSpace);
    else {
      current = { ...item };
      segments.push(current);
    }
    pendingSpace = false;
  }
  return segments;
}

function continues(segment: Segment, item: Segment): boolean {
  const size = Math.max(segment.size, item.size);
  if (Math.abs(segment.y - item.y) > size * 0.45) return false; // room for superscripts
  const gap = item.rightToLeft && segment.rightToLeft ? segment.x - item.right : item.x - segment.right;
  return gap > -size * 0.5 && gap < size * segmentGap;
}

function append(segment: Segment, item: Segment, pendingSpace: boolean): void {
  const gap = segment.rightToLeft ? segment.x - item.right : item.x - segment.right;
  const spaced = pendingSpace || gap > item.size * wordGap;
  segment.text += (spaced && !/\s$/.test(segment.text) && !/^\s/.test(item.text) ? ' ' : '') + item.text;
  if (item.size > segment.size) {
    segment.size = item.size;
    segment.y = item.y;
  }
  segment.x = Math.min(segment.x, item.x);
  segment.right = Math.max(segment.right, item.right);
}

/** Lines in reading order: columns one after the other, what spans them in between. */
export function orderLines(segments: readonly Segment[], depth = 0): Line[] {
  const gutter = depth < 3 ? findGutter(segments) : undefined;
  if (gutter === undefined) return joinLines(segments);
  const lines: Line[] = [];
  for (const band of bandsOf(segments, gutter)) {
    if (band.spanning) lines.push(...joinLines(band.segments));
    else {
      lines.push(
        ...orderLines(
          band.segments.filter(segment => isLeftOf(segment, gutter)),
          depth + 1,
        ),
      );
      lines.push(
        ...orderLines(
          band.segments.filter(segment => !isLeftOf(segment, gutter)),
          depth + 1,
        ),
      );
    }
  }
  return lines;
}

function joinLines(segments: readonly Segment[]): Line[] {
  const column = {
    left: Math.min(...segments.map(segment => segment.x)),
    right: Math.max(...segments.map(segment => segment.right)),
  };
  const rows: Segment[][] = [];
  for (const segment of segments.toSorted((a, b) => a.y - b.y)) {
    const row = rows.at(-1);
    const first = row?.[0];
    if (row && first && segment.y - first.y <= Math.min(first.size, segment.size) * 0.5) row.push(segment);
    else rows.push([segment]);
  }
  return rows.map(row => joinRow(row, column));
}

function joinRow(row: readonly Segment[], column: Line['column']): Line {
  const rightToLeft = row.filter(segment => segment.rightToLeft).length > row.length / 2;
  const ordered = row.toSorted((a, b) => (rightToLeft ? b.x - a.x : a.x - b.x));
  return {
    text: ordered.map(segment => segment.text.trim()).join(' '),
    x: Math.min(...row.map(segment => segment.x)),
    right: Math.max(...row.map(segment => segment.right)),
    y: row[0]?.y ?? 0,
    size: Math.max(...row.map(segment => segment.size)),
    rightToLeft,
    isTabular: row.length > 2 || (row.length === 2 && !itemMark.test(ordered[0]?.text ?? '')),
    column,
  };
}

/** Middle of the white strip between two columns; the strip may be crossed by a title or a wide figure. */
function findGutter(segments: readonly Segment[]): number | undefined {
  if (segments.length < 10) return undefined;
  const left = Math.min(...segments.map(segment => segment.x));
  const right = Math.max(...segments.map(segment => segment.right));
  const strip = widestStrip(segments, left, right);
  if (!strip) return undefined;
  const middle = (strip.from + strip.to) / 2;
  return areColumns(segments, middle, left, right) ? middle : undefined;
}

/** Of the strips in the middle three fifths that the fewest segments cross, the widest. */
function widestStrip(segments: readonly Segment[], left: number, right: number) {
  const width = Math.ceil(right - left);
  if (width < 100 || width > 20_000) return undefined;
  const changes = new Int32Array(width + 2);
  for (const segment of segments) {
    const from = Math.max(0, Math.floor(segment.x - left));
    const to = Math.min(width, Math.ceil(segment.right - left));
    changes[from] = (changes[from] ?? 0) + 1;
    changes[to] = (changes[to] ?? 0) - 1;
  }
  const covered = new Int32Array(width + 1);
  for (let x = 0, sum = 0; x <= width; x++) {
    sum += changes[x] ?? 0;
    covered[x] = sum;
  }
  const from = Math.floor(width * 0.2);
  const to = Math.ceil(width * 0.8);
  const least = Math.min(...covered.subarray(from, to));
  if (least > segments.length * 0.15) return undefined;
  const few = least + 1 + segments.length * 0.03; // a line or two may run over its edge
  return longestRun(covered, from, to, few, left);
}

function longestRun(covered: Int32Array, from: number, to: number, most: number, left: number) {
  let best: { from: number; to: number } | undefined;
  let start: number | undefined;
  for (let x = from; x <= to; x++) {
    if (x < to && (covered[x] ?? 0) <= most) start ??= x;
    else if (start !== undefined) {
      if (!best || x - start > best.to - best.from) best = { from: start, to: x };
      start = undefined;
    }
  }
  if (!best || best.to - best.from < 6) return undefined;
  return { from: best.from + left, to: best.to + left };
}

/**
 * Columns of prose, not the columns of a table: either the file draws one column after the other, or the lines on both
 * sides fill their column, which cells seldom do.
 */
function areColumns(segments: readonly Segment[], gutter: number, left: number, right: number): boolean {
  const inLeft = segments.filter(segment => segment.right <= gutter);
  const inRight = segments.filter(segment => segment.x >= gutter);
  if (Math.min(countRows(inLeft), countRows(inRight)) < 4) return false;
  const top = Math.max(topOf(inLeft), topOf(inRight));
  const bottom = Math.min(bottomOf(inLeft), bottomOf(inRight));
  if (bottom <= top) return false;
  const sides = segments.filter(segment => segment.right <= gutter || segment.x >= gutter);
  let changes = 0;
  sides.forEach((segment, index) => {
    const before = sides[index - 1];
    if (before && isLeftOf(before, gutter) !== isLeftOf(segment, gutter)) changes++;
  });
  const filled = medianWidth(inLeft) > (gutter - left) * 0.7 && medianWidth(inRight) > (right - gutter) * 0.7;
  return filled || (changes <= Math.max(2, sides.length * 0.06) && sides.length >= 12);
}

interface Band {
  readonly spanning: boolean;
  readonly segments: Segment[];
}

/** From top to bottom: stretches of columns, and what crosses the gutter. */
function bandsOf(segments: readonly Segment[], gutter: number): Band[] {
  const bands: Band[] = [];
  for (const segment of segments.toSorted((a, b) => a.y - b.y)) {
    const spanning = segment.x < gutter && segment.right > gutter;
    const band = bands.at(-1);
    if (band?.spanning === spanning) band.segments.push(segment);
    else bands.push({ spanning, segments: [segment] });
  }
  return bands;
}

const isLeftOf = (segment: Segment, gutter: number) => segment.x + segment.right < gutter * 2;
const topOf = (segments: readonly Segment[]) => Math.min(...segments.map(segment => segment.y));
const bottomOf = (segments: readonly Segment[]) => Math.max(...segments.map(segment => segment.y));
const countRows = (segments: readonly Segment[]) => new Set(segments.map(segment => Math.round(segment.y))).size;

function medianWidth(segments: readonly Segment[]): number {
  const widths = segments.map(segment => segment.right - segment.x).sort((a, b) => a - b);
  return widths[widths.length >> 1] ?? 0;
}
