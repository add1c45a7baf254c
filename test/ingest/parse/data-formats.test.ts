import { describe, expect, it } from 'vitest';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { bytesOf } from './build-files.ts';

const read = (text: string, key: string) => parse(bytesOf(text), key);
const textsOf = async (text: string, key: string) => (await read(text, key)).blocks.map(block => block.text);

describe('YAML', () => {
  it('reads a mapping as a record, and every document of a file', async () => {
    expect(await textsOf('city: Oslo\nrate: 180\ntags: [a, b]\n---\n- name: Ann\n- name: Ben\n', 'a.yaml')).toEqual([
      'city: Oslo; rate: 180; tags: a, b',
      'name: Ann',
      'name: Ben',
    ]);
  });

  it('keeps the comments, with what they stand above', async () => {
    expect(
      await textsOf('# Rates by city\n# (2024)\nOslo: 180 # without breakfast\nRome:\n  rate: 150\n', 'a.yml'),
    ).toEqual(['Rates by city\n(2024)\nwithout breakfast', 'Oslo: 180', 'Rome.rate: 150']);
  });

  it('reads templates of YAML, which are none, as text', async () => {
    expect(await textsOf('name: {{ .Release.Name }}\n\nport: {{ .Values.port }}\n', 'a.yaml')).toEqual([
      'name: {{ .Release.Name }}',
      'port: {{ .Values.port }}\n',
    ]);
  });

  it('refuses aliases that grow without end', async () => {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x]'
        : `a${level}: &a${level} [${Array(10)
            .fill(`*a${level - 1}`)
            .join(', ')}]`,
    );
    await expect(read(levels.join('\n'), 'a.yaml')).rejects.toMatchObject({ code: 'unsafe-content' });
  });

  it('reads what is nested beyond what YAML allows as text', async () => {
    const nested = `${'['.repeat(3_000)}x${']'.repeat(3_000)}`;
    expect(await textsOf(nested, 'a.yaml')).toEqual([nested]);
  });
});

describe('subtitles', () => {
  const srt =
    '1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Welcome</i> to the\r\n\r\n2\r\n00:00:02,600 --> 00:00:04,000\r\ncanteen tour.\r\n';

  it('are joined into paragraphs that say when they begin', async () => {
    expect(await textsOf(srt, 'tour.srt')).toEqual(['[00:00:01] Welcome to the canteen tour.']);
  });

  it('are known by their structure', async () => {
    expect((await read(srt, 'tour.txt')).format).toBe('subtitles');
    expect((await read('WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n', 'tour')).format).toBe('subtitles');
  });

  it('name who speaks, say rolling lines once, and leave out notes and styles', async () => {
    const vtt = [
      'WEBVTT - tour',
      'NOTE not spoken',
      'STYLE\n::cue { color: red }',
      'intro\n00:01.000 --> 00:02.000 align:left\n<v Ann>Where is it&nbsp;open?</v>',
      '00:02.000 --> 00:03.000\n<v Ben>At <b>nine</b>.',
      '01:00:03.000 --> 01:00:04.000\nAt nine.\nEvery day.',
      '01:00:05.000 --> 01:00:06.000\nEvery day.',
    ].join('\n\n');
    expect(await textsOf(vtt, 'tour.vtt')).toEqual([
      '[00:01] Ann: Where is it open?',
      '[00:02] Ben: At nine. At nine. Every day.',
    ]);
  });

  it('join Chinese and Japanese without spaces', async () => {
    const cues = '1\n00:00:01,000 --> 00:00:02,000\n会議室は\n\n2\n00:00:02,000 --> 00:00:03,000\n九時に開きます。\n';
    expect(await textsOf(cues, 'a.srt')).toEqual(['[00:00:01] 会議室は九時に開きます。']);
  });
});

describe('notebooks', () => {
  const notebook = {
    nbformat: 4,
    metadata: { language_info: { name: 'python' } },
    cells: [
      { cell_type: 'markdown', source: ['# Rates\n', 'By *city*.'] },
      {
        cell_type: 'code',
        source: 'rate("Oslo")',
        outputs: [
          { output_type: 'stream', text: ['180\n'] },
          { data: { 'image/png': 'iVBOR', 'text/plain': '<Figure size 640x480 with 1 Axes>' } },
          { ename: 'ValueError', evalue: 'no such city', traceback: ['\u001b[31m…'] },
        ],
      },
      { cell_type: 'raw', source: 'As it is.' },
    ],
  };

  it('read text as Markdown, code and what it printed, pictures not', async () => {
    const { title, format, blocks } = await read(JSON.stringify(notebook), 'rates.txt');
    expect({ title, format }).toEqual({ title: 'Rates', format: 'ipynb' });
    expect(blocks.map(({ kind, text, header }) => [kind, text.trim(), header])).toEqual([
      ['heading', 'Rates', undefined],
      ['paragraph', 'By city.', undefined],
      ['code', 'rate("Oslo")', 'python'],
      ['code', '180', 'Output'],
      ['code', 'ValueError: no such city', 'Output'],
      ['paragraph', 'As it is.', undefined],
    ]);
  });

  it('are damaged when they are no JSON, or hold no cells', async () => {
    await expect(read('{"cells": [', 'a.ipynb')).rejects.toMatchObject({ code: 'corrupt-file' });
    await expect(read('{"cells": "none"}', 'a.ipynb')).rejects.toMatchObject({ code: 'corrupt-file' });
  });
});

describe('JSON', () => {
  it('is known by its structure, and what only begins like it is text', async () => {
    expect((await read('{"city": "Oslo"}', 'export')).format).toBe('json');
    expect((await read('{"city": "Oslo"}\n{"city": "Rome"}\n', 'export.log2')).format).toBe('json');
    expect((await read('[sic] They wrote {so}.', 'note.txt')).format).toBe('txt');
  });
});

describe('source code', () => {
  const lines = (count: number, indent: string) =>
    Array.from({ length: count }, (_, index) => `${indent}step(${index})`).join('\n');

  it('is cut at functions, and every block names the language', async () => {
    const code =
      'import os\n\n# Opens the office.\ndef open_office():\n    turn(1)\n\n    turn(2)\n\ndef close():\n    turn(0)\n';
    const { blocks, format } = await read(code, 'office.py');
    expect(format).toBe('code');
    expect(blocks.map(({ text, header }) => [text.trim(), header])).toEqual([
      ['import os', 'Python'],
      ['# Opens the office.\ndef open_office():\n    turn(1)\n\n    turn(2)', 'Python'],
      ['def close():\n    turn(0)', 'Python'],
    ]);
  });

  it('of a large class is cut at its methods, which know their class and keep their indentation', async () => {
    const code = `class Office {\n  open() {\n${lines(40, '    ')}\n  }\n\n  close() {\n${lines(40, '    ')}\n  }\n}\n`;
    const { blocks } = await read(code, 'office.ts');
    expect(blocks.map(({ text, header }) => [text.split('\n')[0], header])).toEqual([
      ['class Office {', 'TypeScript'],
      ['  open() {', 'TypeScript: class Office {'],
      ['  close() {', 'TypeScript: class Office {'],
      ['}', 'TypeScript'],
    ]);
    expect(
      blocks
        .map(block => block.text)
        .join('\n')
        .replace(/\n+/g, '\n')
        .trim(),
    ).toBe(code.replace(/\n+/g, '\n').trim());
  });

  it.for([
    ['Dockerfile', 'FROM node\nRUN x\n', 'code'],
    ['run', '#!/usr/bin/env python3\nprint(1)\n', 'code'],
    ['README', 'Read me first.\n', 'txt'],
    ['page.js', '<html> is a string here;\n', 'code'],
  ])('%s is told by its name or its first line', async ([key = '', text = '', format]) => {
    expect((await read(text, key)).format).toBe(format);
  });
});
