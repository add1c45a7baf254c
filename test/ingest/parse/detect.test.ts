import { describe, expect, it } from 'vitest';
import { UnreadableDocument } from '../../../lambdas/errors.ts';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { compoundOf } from './build-compound.ts';
import { bytesOf, docxOf, pdfOf, zipOf } from './build-files.ts';

async function rejectionOf(bytes: Uint8Array, key: string): Promise<UnreadableDocument> {
  const error = await parse(bytes, key).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UnreadableDocument)) throw new Error(`expected a rejection, got ${String(error)}`);
  return error;
}

describe('parse', () => {
  it('goes by the content, not by the name', async () => {
    const pdf = pdfOf([[{ text: 'Hello from a page', x: 50, y: 700 }]]);
    const docx = docxOf({ body: '<w:p><w:r><w:t>Hello</w:t></w:r></w:p>' });
    expect((await parse(pdf, 'report.docx')).format).toBe('pdf');
    expect((await parse(docx, 'report.pdf')).format).toBe('docx');
    expect((await parse(bytesOf('<!DOCTYPE html><p>Hello</p>'), 'report.pdf')).format).toBe('html');
    expect((await parse(bytesOf('<html><table><tr><td>Hello'), 'export.xls')).format).toBe('html');
    expect((await parse(bytesOf('MZ is how programs of DOS begin; %PDF- is for PDF.'), 'a.txt')).format).toBe('txt');
  });

  it.for([
    ['notes.MD', 'md'],
    ['notes.pdf.txt', 'txt'],
    ['folder.csv/notes', 'txt'],
    ['.csv', 'txt'],
    ['table.TSV', 'csv'],
    ['export.xls', 'csv'],
  ])('lets the last extension choose among text formats: %s is %s', async ([key = '', format]) => {
    expect((await parse(bytesOf('plain words\tand more\n'), key)).format).toBe(format);
  });

  it.for<[string, Uint8Array, string, RegExp]>([
    ['an empty file', new Uint8Array(), 'empty-file', /empty/],
    ['white space', bytesOf(' \n\u200b\t\n'), 'no-text', /no text/],
    ['a program', bytesOf('MZ\0\0 rest'), 'unsupported-format', /program/],
    ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), 'unsupported-format', /picture/],
    ['an archive', zipOf({ 'a.txt': 'text' }), 'unsupported-format', /Unpack it/],
    [
      'the start of an old Office file',
      compoundOf({ Workbook: bytesOf('x') }).subarray(0, 300),
      'corrupt-file',
      /damaged/,
    ],
    ['an archive cut short', docxOf({ body: '' }).subarray(0, 500), 'corrupt-file', /damaged/],
    ['a package without its document', zipOf({ '[Content_Types].xml': '<Types/>' }), 'corrupt-file', /damaged/],
    ['an encrypted workbook', compoundOf({ EncryptedPackage: bytesOf('x') }), 'encrypted', /password/],
    [
      'an old Office file of another kind',
      compoundOf({ VisioDocument: bytesOf('x') }),
      'unsupported-format',
      /old Office/,
    ],
    [
      'noise',
      Uint8Array.from({ length: 4_000 }, (_, index) => (index * index * 31 + index * 7) % 251),
      'unsupported-format',
      /binary/,
    ],
    ['a PDF of nothing but its header', bytesOf('%PDF-1.7\n'), 'corrupt-file', /PDF/],
    ['a PDF without text', pdfOf([[]]), 'no-text-layer', /OCR/],
  ])('rejects %s with what to do', async ([, bytes, code, sentence]) => {
    const error = await rejectionOf(bytes, 'upload.bin');
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch(/(upload|Upload|Unpack|Check)/);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort();
    await expect(parse(bytesOf('text'), 'a.txt', signal)).rejects.toThrow('aborted');
  });
});
