import { describe, expect, it } from 'vitest';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { compoundOf, longs, shorts, wide } from './build-compound.ts';

const record = (type: number, data: Uint8Array, instance = 0, version = 0) =>
  Buffer.concat([shorts((instance << 4) | version, type), longs(data.length), data]);
const container = (type: number, parts: readonly Uint8Array[], instance = 0) =>
  record(type, Buffer.concat(parts), instance, 0xf);
const header = (role: number) => record(3999, longs(role));
const text = (value: string) => record(4000, wide(value));
const entry = (persistId: number, slideId: number) => record(1011, longs(persistId, 0, 0, slideId, 0));
const shape = (...parts: readonly Uint8Array[]) => container(0xf004, [container(0xf00d, parts)]);

/** One slide with a title and a body in the outline, a text box of its own and notes. */
function pptOf({ token = 0xe391c05f } = {}): Uint8Array {
  const outline = [entry(2, 256), header(0), text('Office hours'), header(1), record(4008, Buffer.from('One\rTwo'))];
  const document = container(1000, [container(4080, outline), container(4080, [entry(3, 512)], 2)]);
  const reference = (index: number) => record(3998, longs(index));
  const slide = container(1006, [
    record(1007, longs(0, 0, 0, 0, 512, 0)),
    shape(header(0), reference(0)),
    shape(header(4), text('A text box')),
    shape(header(1), reference(1)),
  ]);
  const notes = container(1008, [shape(header(2), text('Speak slowly')), shape(header(4), text('3'))]);
  const stale = container(1006, [shape(header(4), text('An older save'))]);
  const parts = [stale, document, slide, notes];
  const offsets: number[] = [];
  let at = 0;
  for (const part of parts) {
    offsets.push(at);
    at += part.length;
  }
  const directory = record(6002, longs((3 << 20) | 1, ...offsets.slice(1)));
  const edit = record(4085, longs(0, 0, 0, at, 1, 0, 0));
  return compoundOf({
    'PowerPoint Document': Buffer.concat([...parts, directory, edit]),
    'Current User': record(4086, longs(20, token, at + directory.length)),
  });
}

describe('old PowerPoint presentations', () => {
  it('read the newest save: titles, outline and boxes in the order of the slide, then notes', async () => {
    const { blocks, title } = await parse(pptOf(), 'old.ppt');
    expect(title).toBe('Office hours');
    expect(blocks.map(({ kind, text, place }) => `${place.slide} ${kind}: ${text}`)).toEqual([
      '1 heading: Office hours',
      '1 paragraph: A text box',
      '1 list-item: One',
      '1 list-item: Two',
      '1 note: Speak slowly',
    ]);
  });

  it('refuse one with a password', async () => {
    await expect(parse(pptOf({ token: 0xf3d1c4df }), 'a.ppt')).rejects.toMatchObject({ code: 'encrypted' });
  });
});
