import type { Place } from '../api/shapes.ts';
import type { Strings } from '../strings/en.ts';

/** E.g. `page 12` or `sheet Rates › …`; empty for a format without places. */
export function placeName({ page, sheet, slide, section }: Place, places: Strings['chat']['places']): string {
  const parts = [
    page === undefined ? '' : places.page(page),
    sheet === undefined ? '' : places.sheet(sheet),
    slide === undefined ? '' : places.slide(slide),
    section ?? '',
  ];
  return parts.filter(Boolean).join(' · ');
}
