import { type Attributes, attributeOf, scanPart } from './xml.ts';
import type { ZipArchive } from './zip.ts';

export type NumberKind = 'number' | 'percent' | 'date' | 'time' | 'date-time';

/** The built-in formats of ECMA-376 part 1, section 18.8.30, that are no plain numbers. */
const builtIn = new Map<number, NumberKind>([
  [9, 'percent'],
  [10, 'percent'],
  ...range(14, 17, 'date'),
  ...range(18, 21, 'time'),
  [22, 'date-time'],
  ...range(27, 31, 'date'),
  ...range(32, 35, 'time'),
  [36, 'date'],
  ...range(45, 47, 'time'),
  ...range(50, 58, 'date'),
]);

function range(from: number, to: number, kind: NumberKind): [number, NumberKind][] {
  return Array.from({ length: to - from + 1 }, (_, index) => [from + index, kind]);
}

/** What the numbers of each cell style are, by the index that cells name. */
export function readNumberKinds(archive: ZipArchive, part: string | undefined): NumberKind[] {
  const kinds: NumberKind[] = [];
  if (!part) return kinds;
  const custom = new Map<number, NumberKind>();
  let inCellFormats = false;
  scanPart(archive, part, {
    open(name, attributes: Attributes) {
      if (name === 'numFmt') {
        custom.set(
          Number(attributeOf(attributes, 'numFmtId')),
          kindOfFormat(attributeOf(attributes, 'formatCode') ?? ''),
        );
      } else if (name === 'cellXfs') inCellFormats = true;
      else if (name === 'xf' && inCellFormats) {
        const id = Number(attributeOf(attributes, 'numFmtId') ?? 0);
        kinds.push(custom.get(id) ?? kindOfFormatId(id));
      }
    },
    close(name) {
      if (name === 'cellXfs') inCellFormats = false;
    },
  });
  return kinds;
}

/** Of a built-in format. */
export const kindOfFormatId = (id: number): NumberKind => builtIn.get(id) ?? 'number';

/** Quoted text, escapes, colours and paddings say nothing of the kind. */
export function kindOfFormat(code: string): NumberKind {
  const bare = (code.split(';')[0] ?? '')
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '');
  if (/general/i.test(bare)) return 'number';
  const hasDate = /[yd]/i.test(bare) || (/m/i.test(bare) && !/[hs]/i.test(bare));
  const hasTime = /[hs]/i.test(bare);
  if (hasDate) return hasTime ? 'date-time' : 'date';
  if (hasTime) return 'time';
  return bare.includes('%') ? 'percent' : 'number';
}

const daySeconds = 86_400;
/** Serial 1 is 1900-01-01, and 1900 counts as a leap year; from March 1900 on this origin is right. */
const origin1900 = Date.UTC(1899, 11, 30);
const origin1904 = Date.UTC(1904, 0, 1);

/**
 * A stored number as text: dates in ISO 8601, percentages as shown, others as stored without the noise of binary
 * fractions.
 * @param since1904 whether serial numbers count from 1904, as in old Macintosh workbooks
 */
export function formatNumber(stored: string, kind: NumberKind, since1904: boolean): string {
  const value = Number(stored);
  if (stored.trim() === '' || !Number.isFinite(value)) return stored;
  if (kind === 'percent') return `${tidy(value * 100)}%`;
  if (kind === 'number' || value < 0 || value >= 2_958_466) return tidy(value); // beyond the year 9999
  const seconds = Math.round(value * daySeconds);
  if (kind === 'time' && value < 1) return clock(seconds);
  const origin = since1904 ? origin1904 : origin1900;
  const date = new Date(origin + Math.floor(seconds / daySeconds) * daySeconds * 1000).toISOString().slice(0, 10);
  const rest = seconds % daySeconds;
  if (kind === 'time') return `${Math.floor(seconds / 3600)}${clock(rest).slice(2)}`; // a duration of a day or more
  return kind === 'date-time' || rest > 0 ? `${date} ${clock(rest)}` : date;
}

const tidy = (value: number): string => String(Number(value.toPrecision(15)));

function clock(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = seconds % 60 === 0 ? parts.slice(0, 2) : parts;
  return shown.map(part => String(part).padStart(2, '0')).join(':');
}
