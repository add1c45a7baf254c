import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../lambdas/ingest/parse/decode-text.ts';

const sample = 'Café-Öffnungszeiten: täglich ab 8 Uhr – 5 €.';
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('decodeText', () => {
  it.for<[string, Uint8Array, string]>([
    ['UTF-8', Buffer.from(sample), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${sample}`), 'utf-8'],
    ['UTF-16 little-endian with a mark', Buffer.from(`\ufeff${sample}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 big-endian with a mark', utf16be(`\ufeff${sample}`), 'utf-16be'],
    ['UTF-16 little-endian without a mark', Buffer.from(sample, 'utf16le'), 'utf-16le'],
    ['UTF-16 big-endian without a mark', utf16be(sample), 'utf-16be'],
  ])('reads %s', ([, bytes, encoding]) => {
    expect(decodeText(bytes)).toEqual({ text: sample, encoding });
  });

  it('reads Windows-1252 when the bytes are no UTF-8', () => {
    const bytes = Uint8Array.from([0x93, 0x6e, 0x61, 0xef, 0x76, 0x65, 0x94, 0x20, 0x80, 0x35]);
    expect(decodeText(bytes)).toEqual({ text: '“naïve” €5', encoding: 'windows-1252' });
  });

  it('keeps UTF-8 with a broken byte or two as UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('Đà Nẵng có biển đẹp. '), Uint8Array.of(0xff), Buffer.from(' Hết.')]);
    expect(decodeText(bytes).text).toBe('Đà Nẵng có biển đẹp. \ufffd Hết.');
  });

  it('goes by the declared label, and by the bytes when the label is none', () => {
    const bytes = Uint8Array.from([0xb1, 0x6b]);
    expect(decodeText(bytes, 'iso-8859-2').text).toBe('ąk');
    expect(decodeText(bytes, 'no-such-encoding').text).toBe('±k');
  });
});
