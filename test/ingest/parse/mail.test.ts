import { describe, expect, it } from 'vitest';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { bytesOf, pdfOf } from './build-files.ts';

const head = (subject: string, type: string) =>
  [
    'From: =?utf-8?q?J=C3=BCrgen?= <j@example.com>',
    'To: Ann <ann@example.com>, ben@example.com',
    'Message-ID: <1@example.com>',
    'Date: Mon, 04 Mar 2024 09:15:00 +0100',
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    `Content-Type: ${type}`,
  ].join('\r\n');

const part = (headers: readonly string[], body: string) => `--cut\r\n${headers.join('\r\n')}\r\n\r\n${body}\r\n`;
const multipart = (subject: string, kind: string, parts: readonly string[]) =>
  `${head(subject, `multipart/${kind}; boundary=cut`)}\r\n\r\n${parts.join('')}--cut--\r\n`;

const attached = (name: string, bytes: Uint8Array, type = 'application/octet-stream') =>
  part(
    [
      `Content-Type: ${type}`,
      `Content-Disposition: attachment; filename="${name}"`,
      'Content-Transfer-Encoding: base64',
    ],
    Buffer.from(bytes).toString('base64'),
  );

const textsOf = async (mail: string, key = 'mail.eml') => {
  const { blocks, title, format } = await parse(bytesOf(mail), key);
  return { texts: blocks.map(block => block.text.trim()), blocks, title, format };
};

describe('e-mail', () => {
  it('has its subject as title and heading, then its headers and the body', async () => {
    const { texts, title, format } = await textsOf(`${head('Office hours', 'text/plain')}\r\n\r\nWe open at nine.\r\n`);
    expect({ title, format }).toEqual({ title: 'Office hours', format: 'eml' });
    expect(texts).toEqual([
      'Office hours',
      'From: Jürgen <j@example.com>\nTo: Ann <ann@example.com>, ben@example.com\nDate: 2024-03-04T08:15:00.000Z',
      'We open at nine.',
    ]);
  });

  it('is known by its headers, whatever its name', async () => {
    const mail = `${head('Office hours', 'text/plain')}\r\n\r\nWe open at nine.`;
    expect((await textsOf(mail, 'saved.txt')).format).toBe('eml');
    expect((await textsOf('Subject: hours\nWe open at nine.', 'note.txt')).format).toBe('txt');
  });

  it('prefers the text to the HTML, and reads the HTML when there is no text', async () => {
    const plain = part(['Content-Type: text/plain'], 'As text.');
    const html = part(
      ['Content-Type: text/html'],
      '<h1>Big</h1><p>As <b>HTML</b>.</p><img src="http://127.0.0.1:9/x">',
    );
    expect((await textsOf(multipart('Both', 'alternative', [plain, html]))).texts).not.toContain('As HTML.');
    const { blocks } = await textsOf(multipart('One', 'alternative', [html]));
    expect(blocks.slice(2).map(({ kind, level, text }) => ({ kind, level, text }))).toEqual([
      { kind: 'heading', level: 2, text: 'Big' },
      { kind: 'paragraph', level: undefined, text: 'As HTML.' },
    ]);
  });

  it('reads an attachment of any format as a section with its name and its pages', async () => {
    const pdf = pdfOf([[{ text: 'The rent is 900 euros.', x: 50, y: 700 }]]);
    const { blocks } = await textsOf(multipart('Rent', 'mixed', [attached('lease.pdf', pdf)]));
    expect(blocks.slice(-2)).toMatchObject([
      { kind: 'heading', level: 2, text: 'lease.pdf' },
      { text: 'The rent is 900 euros.', place: { page: 1 } },
    ]);
  });

  it('says of an attachment that cannot be read why, and reads the rest', async () => {
    const { texts } = await textsOf(
      multipart('Two', 'mixed', [
        attached('photo.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0)),
        attached('notes.txt', bytesOf('Second one.')),
      ]),
    );
    expect(texts).toEqual(expect.arrayContaining(['photo.png', 'notes.txt', 'Second one.']));
    expect(texts.find(text => text.startsWith('(This attachment'))).toMatch(/picture/);
  });

  it('reads mails within mails to a bounded depth', async () => {
    let mail = `${head('Level 0', 'text/plain')}\r\n\r\nInnermost.`;
    for (let level = 1; level <= 3; level++) {
      mail = multipart(`Level ${level}`, 'mixed', [
        part(['Content-Type: message/rfc822'], mail.replaceAll('cut', `c${level}`)),
      ]);
    }
    expect((await textsOf(mail)).texts).toContain('Innermost.');
    const deeper = multipart('Level 4', 'mixed', [
      part(['Content-Type: message/rfc822'], mail.replaceAll('cut', 'c4')),
    ]);
    const { texts } = await textsOf(deeper);
    expect(texts).not.toContain('Innermost.');
    expect(texts.some(text => text.includes('levels deep'))).toBe(true);
  });
});
