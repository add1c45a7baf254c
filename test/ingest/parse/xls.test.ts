import { describe, expect, it } from 'vitest';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { compoundOf, longs, shorts } from './build-compound.ts';

const record = (type: number, ...data: readonly Uint8Array[]) => {
  const bytes = Buffer.concat(data);
  return Buffer.concat([shorts(type, bytes.length), bytes]);
};
const end = record(0x0a);
const begin = (kind: number) => record(0x809, shorts(0x0600, kind, 0, 0), longs(0, 0));
const short = (text: string) => Buffer.concat([Uint8Array.of(text.length, 0), Buffer.from(text, 'latin1')]);
const long = (text: string) => Buffer.concat([shorts(text.length), Uint8Array.of(1), Buffer.from(text, 'utf16le')]);
const double = (value: number) => {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(value);
  return buffer;
};

/** @param sheets the cell records of each sheet by its name */
function workbookOf(sheets: Readonly<Record<string, readonly Uint8Array[]>>, globals: readonly Uint8Array[] = []) {
  const names = Object.keys(sheets);
  const parts = names.map(name => Buffer.concat([begin(0x10), ...(sheets[name] ?? []), end]));
  const head = (offsets: readonly number[]) =>
    Buffer.concat([
      begin(5),
      ...globals,
      ...names.map((name, index) => record(0x85, longs(offsets[index] ?? 0), shorts(0), short(name))),
      end,
    ]);
  let at = head([]).length;
  const offsets = parts.map(part => {
    at += part.length;
    return at - part.length;
  });
  return compoundOf({ Workbook: Buffer.concat([head(offsets), ...parts]) });
}

const textsOf = async (bytes: Uint8Array) =>
  (await parse(bytes, 'old.xls')).blocks.map(({ text, place }) => `${place.sheet}| ${text}`);

describe('old Excel workbooks', () => {
  it('read every kind of cell, dates by their format, rows by their header', async () => {
    const globals = [
      record(0xe0, shorts(0, 0)),
      record(0xe0, shorts(0, 14)),
      record(0xfc, longs(2, 2), long('City'), long('Größe')),
    ];
    const cells = [
      record(0xfd, shorts(0, 0, 0), longs(0)),
      record(0xfd, shorts(0, 1, 0), longs(1)),
      record(0x204, shorts(0, 2, 0), long('Since')),
      record(0x204, shorts(1, 0, 0), long('Oslo')),
      record(0x27e, shorts(1, 1, 0), longs((709 << 2) | 3)),
      record(0x203, shorts(1, 2, 1), double(45_000)),
      record(0x06, shorts(2, 0, 0), Uint8Array.of(0, 0, 0, 0, 0, 0, 0xff, 0xff), longs(0, 0)),
      record(0x207, long('Rome')),
      record(0xbd, shorts(2, 1), shorts(0), longs((1 << 2) | 2), shorts(1), longs((2 << 2) | 2), shorts(2)),
    ];
    expect(await textsOf(workbookOf({ Cities: cells }, globals))).toEqual([
      'Cities| Cities',
      'Cities| City; Größe; Since',
      'Cities| City: Oslo; Größe: 7.09; Since: 2023-03-15',
      'Cities| City: Rome; Größe: 1; Since: 1900-01-01',
    ]);
  });

  it('follows a text into the record that continues it, where its width may change', async () => {
    const first = Buffer.concat([longs(2, 2), shorts(6), Uint8Array.of(0), Buffer.from('abc')]);
    const rest = Buffer.concat([Uint8Array.of(1), Buffer.from('αβγ', 'utf16le'), long('next')]);
    const globals = [record(0xfc, first), record(0x3c, rest)];
    const cells = [record(0xfd, shorts(0, 0, 0), longs(0)), record(0xfd, shorts(1, 0, 0), longs(1))];
    expect(await textsOf(workbookOf({ One: cells }, globals))).toEqual(['One| One', 'One| abcαβγ', 'One| next']);
  });

  it('refuses a workbook with a password', async () => {
    await expect(parse(workbookOf({}, [record(0x2f, shorts(0))]), 'a.xls')).rejects.toMatchObject({
      code: 'encrypted',
    });
  });
});
