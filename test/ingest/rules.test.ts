import { describe, expect, it, vi } from 'vitest';
import { withinBounds } from '../../lambdas/ingest/chunk-packer.ts';
import { processDocument } from '../../lambdas/ingest/process.ts';
import { parseRules, RULES_KEY, ruleFor, rulesReader } from '../../lambdas/ingest/rules.ts';
import { inMemoryDocumentBucket } from '../fakes/document-bucket.ts';
import { documentId, makeSteps } from './steps.ts';

const parse = (text: string) => parseRules(Buffer.from(text));

describe('the rule for a document', () => {
  const rejected = (rules: Parameters<typeof ruleFor>[0], key: string) => ruleFor(rules, key).rejection?.code;

  it('is to read it, where there are no rules', () => {
    expect(ruleFor({}, 'documents/a.md')).toEqual({});
  });

  it('leaves out what is excluded, and what is not included', () => {
    const rules = { include: ['documents/**'], exclude: ['**/drafts/**', '**/*.tmp'] };
    expect(rejected(rules, 'documents/a.md')).toBeUndefined();
    expect(rejected(rules, 'documents/x/drafts/y/a.md')).toBe('excluded');
    expect(rejected(rules, 'documents/a.tmp')).toBe('excluded');
    expect(rejected(rules, 'tenants/acme/documents/a.md')).toBe('excluded');
    expect(ruleFor(rules, 'documents/a.tmp').rejection?.message).toContain('**/*.tmp');
  });

  it('goes by the longest folder, field by field', () => {
    const rules = {
      maxMegabytes: 20,
      chunkTokens: 800,
      folders: { 'documents/': { chunkTokens: 500 }, 'documents/tables/': { chunkTokens: 300, chunkOverlapTokens: 0 } },
    };
    expect(ruleFor(rules, 'documents/tables/a.csv')).toEqual({
      maxBytes: 20e6,
      chunking: { targetTokens: 300, overlapTokens: 0 },
    });
    expect(ruleFor(rules, 'documents/a.md')).toEqual({ maxBytes: 20e6, chunking: { targetTokens: 500 } });
    expect(ruleFor(rules, 'tenants/a/documents/tables/a.md')).toEqual({
      maxBytes: 20e6,
      chunking: { targetTokens: 800 },
    });
  });

  it('takes the options of each format from the folder, and others from above', () => {
    const rules = {
      ocr: true,
      formats: { csv: { headerRow: 2 }, pdf: { pages: ['1-3'] } },
      folders: { 'documents/raw/': { ocr: false, formats: { csv: { delimiter: ';' } } } },
    };
    expect(ruleFor(rules, 'documents/a.csv')).toEqual({ ocr: true, formats: rules.formats });
    expect(ruleFor(rules, 'documents/raw/a.csv')).toEqual({
      ocr: false,
      formats: { csv: { delimiter: ';' }, pdf: { pages: ['1-3'] } },
    });
  });

  it('never asks for an overlap that chunks cannot have', () => {
    expect(withinBounds({ targetTokens: 100, overlapTokens: 200 })).toEqual({ targetTokens: 100, overlapTokens: 49 });
    expect(withinBounds({ targetTokens: 100, overlapTokens: 20 })).toEqual({ targetTokens: 100, overlapTokens: 20 });
  });
});

describe('a rules file', () => {
  it.each([
    ['no JSON', 'exclude: drafts', /not JSON/],
    ['an unknown field', '{"excludes":[]}', /excludes/],
    ['a wrong value', '{"folders":{"documents/":{"chunkTokens":1}}}', /folders\.documents\/\.chunkTokens/],
    ['a folder without its slash', '{"folders":{"documents":{}}}', /folders/],
    ['an unknown format', '{"formats":{"docx":{}}}', /docx/],
    ['an unknown option', '{"folders":{"documents/":{"formats":{"csv":{"quote":"x"}}}}}', /quote/],
    ['a delimiter of two characters', '{"formats":{"csv":{"delimiter":"||"}}}', /formats\.csv\.delimiter/],
    ['a selector that says more', '{"formats":{"html":{"leaveOut":["div > p"]}}}', /leaveOut\.0/],
    ['an empty selector', '{"formats":{"html":{"leaveOut":[""]}}}', /leaveOut\.0/],
    ['pages backwards', '{"formats":{"pdf":{"pages":["7-3"]}}}', /pages\.0/],
    ['nothing included', '{"include":[]}', /include/],
  ])('with %s is refused, and says why', (_, text, reason) => {
    expect(parse(text)).toMatch(reason);
  });

  it('is read anew only when it changed', async () => {
    const bucket = inMemoryDocumentBucket();
    const read = vi.spyOn(bucket, 'read');
    const rules = rulesReader(bucket);
    expect(await rules()).toEqual({ rules: {} });
    const s3VersionId = bucket.put(RULES_KEY, '{"maxMegabytes":1}');
    for (const _ of [1, 2, 3]) expect(await rules()).toEqual({ rules: { maxMegabytes: 1 }, s3VersionId });
    expect(read).toHaveBeenCalledTimes(1);
    bucket.put(RULES_KEY, '{"maxMegabytes":2}');
    expect(await rules()).toMatchObject({ rules: { maxMegabytes: 2 } });
    bucket.mark(RULES_KEY);
    expect(await rules()).toEqual({ rules: {} });
  });

  it('that is broken leaves the last good one in force, and says so once', async () => {
    const bucket = inMemoryDocumentBucket();
    const warn = vi.fn();
    const rules = rulesReader(bucket, warn);
    const s3VersionId = bucket.put(RULES_KEY, '{"maxMegabytes":1}');
    bucket.put(RULES_KEY, 'broken too');
    bucket.put(RULES_KEY, '{"exclud":[]}');
    const loaded = { rules: { maxMegabytes: 1 }, s3VersionId, error: expect.stringContaining('exclud') };
    expect(await rules()).toEqual(loaded);
    expect(await rules()).toEqual(loaded);
    expect(warn).toHaveBeenCalledTimes(1);
    bucket.put(RULES_KEY, '{"maxMegabytes":3}');
    expect(await rules()).not.toHaveProperty('error');
  });

  it('that was never good leaves no rules, and says so', async () => {
    const bucket = inMemoryDocumentBucket();
    bucket.put(RULES_KEY, `"${'x'.repeat(70_000)}"`);
    expect(await rulesReader(bucket)()).toEqual({ rules: {}, error: expect.stringContaining('65536') });
  });
});

describe('processing by rules', () => {
  const process = async (rules: string) => {
    const steps = makeSteps();
    steps.ports.bucket.put(RULES_KEY, rules);
    const options: unknown[] = [];
    const { readDocument } = steps.ports;
    const ports = {
      ...steps.ports,
      readRules: rulesReader(steps.ports.bucket),
      readDocument: ((file, store) => {
        options.push({ chunking: file.chunking, formats: file.formats });
        return readDocument(file, store);
      }) satisfies typeof readDocument,
    };
    const version = await steps.upload('0123456789');
    const outcome = await processDocument(
      ports,
      { documentId, version },
      { maxDocumentBytes: 100, timeLimitMs: 1_000 },
    );
    return { outcome, options, head: await steps.head() };
  };

  it('fails what is left out or too large for its folder, without reading it', async () => {
    const left = await process('{"exclude":["documents/*.md"]}');
    expect(left).toMatchObject({ outcome: { outcome: 'failed', code: 'excluded' }, options: [] });
    expect(left.head).toMatchObject({ status: 'FAILED', error: { code: 'excluded' } });
    expect((await process('{"maxMegabytes":0.000009}')).outcome).toMatchObject({ code: 'too-large' });
  });

  it('cuts chunks and reads formats by them', async () => {
    const { outcome, options } = await process(
      '{"chunkTokens":100,"folders":{"documents/":{"chunkOverlapTokens":10,"formats":{"csv":{"headerRow":"none"}}}}}',
    );
    expect(outcome).toMatchObject({ outcome: 'planned' });
    expect(options).toEqual([
      { chunking: { targetTokens: 100, overlapTokens: 10 }, formats: { csv: { headerRow: 'none' } } },
    ]);
  });
});
