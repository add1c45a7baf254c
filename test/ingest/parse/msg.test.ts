import { describe, expect, it } from 'vitest';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { compoundOf, longs, shorts, wide } from './build-compound.ts';
import { bytesOf } from './build-files.ts';

const text = (id: string, value: string) => ({ [`__substg1.0_${id}001F`]: wide(value) });
const binary = (id: string, value: Uint8Array) => ({ [`__substg1.0_${id}0102`]: value });
const inFolder = (folder: string, streams: Readonly<Record<string, Uint8Array>>) =>
  Object.fromEntries(Object.entries(streams).map(([name, bytes]) => [`${folder}/${name}`, bytes]));

/** 100 ns since 1601, as two halves. */
const sent = (date: string) => {
  const ticks = BigInt(Date.parse(date) + 11_644_473_600_000) * 10_000n;
  const time = longs(Number(ticks & 0xffffffffn), Number(ticks >> 32n));
  return { '__properties_version1.0': Buffer.concat([Buffer.alloc(32), shorts(0x40, 0x39), longs(0), time]) };
};

const message = {
  ...sent('2024-03-04T08:15:00Z'),
  ...text('0037', 'Office hours'),
  ...text('0C1A', 'Jürgen'),
  ...text('5D01', 'j@example.com'),
  ...text('0E04', 'Ann; Ben'),
};

const textsOf = async (streams: Readonly<Record<string, Uint8Array>>) =>
  (await parse(compoundOf(streams), 'mail.msg')).blocks.map(block => block.text.trim());

describe('Outlook messages', () => {
  it('have subject, headers, body and attachments', async () => {
    const attachment = { ...text('3707', 'rates.csv'), ...binary('3701', bytesOf('City,Rate\nOslo,180\n')) };
    const texts = await textsOf({
      ...message,
      ...text('1000', 'We open at nine.'),
      ...inFolder('__attach_version1.0_#00000000', attachment),
    });
    expect(texts).toEqual([
      'Office hours',
      'From: Jürgen <j@example.com>\nTo: Ann; Ben\nDate: 2024-03-04T08:15:00.000Z',
      'We open at nine.',
      'rates.csv',
      'City; Rate',
      'City: Oslo; Rate: 180',
    ]);
  });

  it('are read from HTML or rich text when they have no plain text', async () => {
    expect(await textsOf({ ...message, ...binary('1013', bytesOf('<p>As HTML.</p>')) })).toContain('As HTML.');
    const rtf = bytesOf('{\\rtf1\\ansi As rich text.\\par}');
    const stored = Buffer.concat([longs(rtf.length + 12, rtf.length, 0x414c454d, 0), rtf]);
    expect(await textsOf({ ...message, ...binary('1009', stored) })).toContain('As rich text.');
  });

  it('inflate rich text, with references into what came before', async () => {
    // The example of MS-OXRTFCP 4.1.
    const hex =
      '2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232' + '0af32068656c090020627705b06c647d0a800fa0';
    expect(await textsOf({ ...message, ...binary('1009', Buffer.from(hex, 'hex')) })).toContain('hello world');
  });

  it('hold other messages, to a bounded depth', async () => {
    const inner = { '__properties_version1.0': Buffer.alloc(24), ...text('0037', 'Inner'), ...text('1000', 'Inside.') };
    const streams = inFolder('__attach_version1.0_#00000000', inFolder('__substg1.0_3701000D', inner));
    const texts = await textsOf({ ...message, ...text('1000', 'Outside.'), ...streams });
    expect(texts).toEqual(expect.arrayContaining(['Outside.', 'Inner', 'Inside.']));
  });
});
