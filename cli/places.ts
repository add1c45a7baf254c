import type { z } from 'zod';
import type { placeShape } from './shapes.ts';

/** `, page 3`, `, sheet Rates`, `, Leave › Parents`; empty where a format has no places. */
export function placeText({ page, sheet, slide, section }: z.infer<typeof placeShape>): string {
  const parts = [
    page === undefined ? undefined : `page ${page}`,
    sheet === undefined ? undefined : `sheet ${sheet}`,
    slide === undefined ? undefined : `slide ${slide}`,
    section,
  ];
  return parts.map(part => (part === undefined ? '' : `, ${part}`)).join('');
}

const ROOTS = /^(documents|incoming|tenants)\//;

/** People name folders as they see them, `handbook/`; the bucket has them under `documents/`. */
export const keyPrefixOf = (text: string): string => (ROOTS.test(text) ? text : `documents/${text}`);

/** The same of a folder, which ends with a slash. */
export const folderKeyOf = (text: string): string => keyPrefixOf(text).replace(/\/*$/, '/');
