import { posix } from 'node:path';
import * as z from 'zod';

const pageRange = z
  .string()
  .regex(/^[1-9]\d{0,5}(-([1-9]\d{0,5})?)?$/, 'pages are written as 3, 3-7 or 3-')
  .refine(range => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return to === 0 || from <= to;
  }, 'a range of pages starts with the lower one');

/** Where a value is in a record: keys joined by dots; of a list, what each item has there. */
const fieldPath = z
  .string()
  .max(300)
  .regex(/^[^.]+(\.[^.]+)*$/, 'a field is written as its keys, joined by dots');

/** How files of a format are to be read, where it differs from how they are read by themselves. */
export const formatOptions = z.strictObject({
  csv: z
    .strictObject({
      /** Parts the fields; found out by itself if absent. */
      delimiter: z
        .string()
        .regex(/^[^\p{L}\p{N}"\r\n\p{Cs}]$/u, 'a delimiter is one character, and no letter, digit or quote')
        .optional(),
      /** Which of the lines that are not empty names the columns, from 1; the lines above it are text. */
      headerRow: z.union([z.int().min(1).max(1_000), z.literal('none')]).optional(),
    })
    .optional(),
  html: z
    .strictObject({
      /** Elements that are no part of the text: `footer`, `.advert`, `#menu`, `div.note.old`. */
      leaveOut: z
        .array(
          z
            .string()
            .max(200)
            .regex(/^(?=.)([a-z][a-z0-9-]*)?([.#][\w-]+)*$/i, 'is none of `tag`, `.class`, `#id`, or these joined'),
        )
        .max(100)
        .optional(),
    })
    .optional(),
  json: z
    .strictObject({
      /** Where in the file the records are; the whole file if absent, or if there is nothing. */
      records: fieldPath.optional(),
      /** What of a record is its text, in this order; all of it, with the fields' names, if absent. */
      text: z.array(fieldPath).min(1).max(50).optional(),
      /** What a record is called; with its id it is the heading that a citation points to. */
      title: fieldPath.optional(),
      id: fieldPath.optional(),
    })
    .optional(),
  pdf: z
    .strictObject({
      /** `3`, `3-7`, or `3-` for all from the third on. */
      pages: z.array(pageRange).min(1).max(100).optional(),
    })
    .optional(),
  spreadsheet: z
    .strictObject({
      /** Names of sheets; `*` stands for anything. */
      sheets: z.array(z.string().min(1).max(200)).min(1).max(100).optional(),
    })
    .optional(),
});
export type FormatOptions = z.infer<typeof formatOptions>;

/** Whether a page is to be read, counted from 1. */
export function takesPage({ pdf }: FormatOptions, page: number): boolean {
  return (
    pdf?.pages?.some(range => {
      const [from = 0, to = from] = range.split('-').map(Number);
      return page >= from && (to === 0 || page <= to);
    }) ?? true
  );
}

/** Whether a sheet of this name is to be read. */
export const takesSheet = ({ spreadsheet }: FormatOptions, name: string): boolean =>
  spreadsheet?.sheets?.some(pattern => pattern === name || posix.matchesGlob(name, pattern)) ?? true;

/** @returns whether an element is to be left out */
export function leftOutElements({ html }: FormatOptions) {
  const selectors = (html?.leaveOut ?? []).map(parseSelector);
  return (name: string, { id, class: classes = '' }: Readonly<Record<string, string>>): boolean => {
    if (selectors.length === 0) return false;
    const has = new Set(classes.split(/\s+/));
    return selectors.some(
      selector =>
        (selector.name === undefined || selector.name === name) &&
        selector.ids.every(wanted => wanted === id) &&
        selector.classes.every(wanted => has.has(wanted)),
    );
  };
}

function parseSelector(selector: string) {
  const [, name] = /^([a-z][a-z0-9-]*)/i.exec(selector) ?? [];
  const marked = (mark: string) => [...selector.matchAll(/([.#])([\w-]+)/g)].filter(([, of]) => of === mark);
  const namesOf = (mark: string) => marked(mark).map(([, , value = '']) => value);
  return { name: name?.toLowerCase(), ids: namesOf('#'), classes: namesOf('.') };
}
