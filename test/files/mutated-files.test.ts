import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { UnreadableDocument } from '../../lambdas/errors.ts';
import { parse } from '../../lambdas/ingest/parse/parse.ts';
import { describeWithData } from '../support/test-data.ts';

/** A place in a file, as a share of its length. */
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** What happens to files on bad disks and lines: cut, bytes changed, stretches blanked or lost. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: share }),
  fc.record({
    kind: fc.constant('flip' as const),
    changes: fc.array(fc.tuple(share, fc.nat(255)), { minLength: 1, maxLength: 30 }),
  }),
  fc.record({ kind: fc.constant('blank' as const), at: share, length: fc.nat(64), byte: fc.constantFrom(0, 0xff) }),
  fc.record({ kind: fc.constant('lose' as const), at: share, length: fc.nat(200) }),
);
type Damage = typeof damage extends fc.Arbitrary<infer Value> ? Value : never;

function damaged(bytes: Uint8Array, how: Damage): Uint8Array {
  const offset = (at: number) => Math.floor(at * bytes.length);
  const copy = Uint8Array.from(bytes);
  if (how.kind === 'cut') return copy.subarray(0, offset(how.at));
  if (how.kind === 'flip') for (const [at, byte] of how.changes) copy[offset(at)] = byte;
  if (how.kind === 'blank') copy.fill(how.byte, offset(how.at), offset(how.at) + how.length);
  if (how.kind !== 'lose') return copy;
  return Buffer.concat([copy.subarray(0, offset(how.at)), copy.subarray(offset(how.at) + how.length)]);
}

/** Wrong in the way of a program's mistake: a value that makes no sense, an element that is left out, an end that lacks. */
const slip = fc.record({
  part: share,
  at: share,
  how: fc.constantFrom('"-1"', '"99999999999"', '"NaN"', '""', 'element', 'cut'),
});
type Slip = typeof slip extends fc.Arbitrary<infer Value> ? Value : never;

/** An archive of XML, with a slip in one of its parts. */
function withSlip(bytes: Uint8Array, { part, at, how }: Slip): Uint8Array {
  const parts = unzipSync(bytes);
  const names = Object.keys(parts).filter(name => /\.(xml|rels|xhtml|html|opf)$/.test(name));
  const name = names[Math.floor(part * (names.length - 1))] ?? '';
  const text = strFromU8(parts[name] ?? new Uint8Array());
  const from = Math.floor(at * text.length);
  const changed =
    how === 'cut'
      ? text.slice(0, from)
      : text.slice(0, from) +
        text.slice(from).replace(how === 'element' ? /<[^>]*>/ : /"[^"]*"/, how === 'element' ? '' : how);
  return zipSync({ ...parts, [name]: strToU8(changed) });
}

/** Blocks with text, or a code and a sentence: nothing else may become of a file. */
async function endsWell(bytes: Uint8Array, key: string): Promise<void> {
  try {
    expect((await parse(bytes, key)).blocks.length).toBeGreaterThan(0);
  } catch (error) {
    if (!(error instanceof UnreadableDocument)) throw error;
    expect(error.code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(error.message).toMatch(/^[A-Z].{30,}\.$/s);
  }
}

describeWithData('damaged files', folder => {
  const manifest = JSON.parse(readFileSync(join(folder, 'files/manifest.json'), 'utf8')) as {
    files: { path: string; format: string; bytes: number }[];
  };
  const small = manifest.files.filter(file => file.bytes < 200_000);
  const archives = small.filter(({ format }) => ['docx', 'xlsx', 'pptx', 'odt', 'ods', 'epub'].includes(format));

  describe('end with text or a reason', () => {
    it.for(small)('$path', { timeout: 60_000 }, async ({ path }) => {
      const bytes = readFileSync(join(folder, 'files', path));
      await fc.assert(
        fc.asyncProperty(damage, how => endsWell(damaged(bytes, how), basename(path))),
        { numRuns: 8 },
      );
    });
  });

  describe('end with text or a reason when what is packed in them is wrong', () => {
    it.for(archives)('$path', { timeout: 60_000 }, async ({ path }) => {
      const bytes = readFileSync(join(folder, 'files', path));
      await fc.assert(
        fc.asyncProperty(slip, how => endsWell(withSlip(bytes, how), basename(path))),
        { numRuns: 6 },
      );
    });
  });
});
