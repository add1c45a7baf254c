import type { Line } from './pdf-lines.ts';

/** A page's lines in reading order. */
export interface PdfPage {
  readonly number: number;
  /** Height in points. */
  readonly height: number;
  readonly lines: readonly Line[];
}

/** How many lines at the top and the bottom of a page may be furniture. */
const edgeLines = 3;
/** The part of the page's height that its margins take at most. */
const marginShare = 0.2;

/**
 * Takes out what is printed on page after page: running heads and feet, page numbers. A line counts when its text
 * (numbers aside) stands in the margin of at least three pages and of half of them, at the same height.
 */
export function withoutFurniture(pages: readonly PdfPage[]): PdfPage[] {
  const seen = new Map<string, number>();
  for (const page of pages) {
    const keys = new Set(edgesOf(page).map(line => keyOf(line, page)));
    for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  const needed = Math.max(3, pages.length / 2);
  return pages.map(page => {
    const edges = new Set(edgesOf(page));
    const isFurniture = (line: Line) => edges.has(line) && (seen.get(keyOf(line, page)) ?? 0) >= needed;
    return { ...page, lines: page.lines.filter(line => !isFurniture(line)) };
  });
}

function edgesOf({ lines, height }: PdfPage): Line[] {
  const sorted = lines.toSorted((a, b) => a.y - b.y);
  const head = sorted.slice(0, edgeLines).filter(line => line.y < height * marginShare);
  const foot = sorted.slice(-edgeLines).filter(line => line.y > height * (1 - marginShare));
  return [...head, ...foot];
}

/** Page numbers differ from page to page, and left pages mirror right ones: only height and words count. */
const keyOf = (line: Line, page: PdfPage) => {
  const half = line.y < page.height / 2 ? line.y : line.y - page.height;
  return `${Math.round(half / 4)}|${line.text.replace(/\d+/g, '#').replace(/\s+/g, ' ').trim()}`;
};
