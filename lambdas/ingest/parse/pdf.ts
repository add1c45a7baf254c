import { getDocumentProxy } from 'unpdf';
import { BlockList, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { type FormatOptions, takesPage } from './format-options.ts';
import { limits } from './limits.ts';
import { type PdfPage, withoutFurniture } from './pdf-furniture.ts';
import { joinSegments, orderLines, type Segment } from './pdf-lines.ts';
import { paragraphBlocks } from './pdf-paragraphs.ts';
import { unreadable } from './unreadable.ts';

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;
type Page = Awaited<ReturnType<Pdf['getPage']>>;
type TextItem = Extract<Awaited<ReturnType<Page['getTextContent']>>['items'][number], { str: string }>;
type Matrix = readonly number[];

/**
 * PDF by its text layer. A file that opens without a password is read as any viewer shows it, also when its owner asked
 * viewers not to copy. Scripts, links and attachments in it are never touched.
 */
export async function read({ bytes, options, signal }: Source): Promise<ParsedDocument> {
  const pdf = await open(bytes);
  try {
    if (pdf.numPages > limits.pages) throw unreadable('too-large', 'pages');
    const pages = await readPages(pdf, options, signal);
    if (pages.length === 0) throw unreadable('no-text'); // it has none of the pages that are to be read
    const list = new BlockList();
    for (const block of paragraphBlocks(withoutFurniture(pages))) list.add(block);
    if (list.blocks.length === 0) throw unreadable('no-text-layer');
    const title = (await readTitle(pdf)) ?? sensibleTitle(list.blocks.find(block => block.level === 1)?.text);
    return title ? { title, blocks: list.blocks } : { blocks: list.blocks };
  } finally {
    await pdf.loadingTask.destroy();
  }
}

async function open(bytes: Uint8Array): Promise<Pdf> {
  try {
    // pdf.js takes its input over and empties it, hence the copy; a Buffer's own slice() would be none.
    return await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, useSystemFonts: false, stopAtErrors: false });
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException') throw unreadable('encrypted');
    throw unreadable('corrupt-file', 'the PDF', { cause: error });
  }
}

/** One page after the other, so that memory holds one. A damaged page is left out as long as another can be read. */
async function readPages(pdf: Pdf, options: FormatOptions, signal: AbortSignal | undefined): Promise<PdfPage[]> {
  const pages: PdfPage[] = [];
  const budget = { characters: limits.characters };
  let fault: unknown;
  for (let number = 1; number <= pdf.numPages; number++) {
    if (!takesPage(options, number)) continue;
    signal?.throwIfAborted();
    try {
      pages.push(await readPage(await pdf.getPage(number), number, budget));
    } catch (error) {
      fault = error;
    }
    if (budget.characters < 0) throw unreadable('too-large', 'characters');
  }
  if (pages.length === 0 && (fault || pdf.numPages === 0))
    throw unreadable('corrupt-file', 'the pages of the PDF', { cause: fault });
  return pages;
}

async function readPage(page: Page, number: number, budget: { characters: number }): Promise<PdfPage> {
  const { transform, height } = page.getViewport({ scale: 1 });
  const segments: Segment[] = [];
  const sideways: Segment[] = [];
  const reader = page.streamTextContent({ includeMarkedContent: false }).getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    for (const item of piece.value.items as TextItem[]) {
      // no marked content was asked for
      budget.characters -= item.str.length;
      const { segment, turned } = toSegment(item, transform);
      (turned ? sideways : segments).push(segment);
    }
    if (budget.characters < 0) break;
  }
  page.cleanup();
  const lines = [
    ...orderLines(joinSegments(segments)),
    ...sideways.filter(({ text }) => text.trim() !== '').map(asLine),
  ];
  return { number, height, lines };
}

function toSegment(item: TextItem, viewport: Matrix): { segment: Segment; turned: boolean } {
  const [a, b, , , x, y] = multiply(viewport, item.transform);
  const size = Math.hypot(item.transform[2], item.transform[3]) || item.height;
  const segment = { text: item.str, x, right: x + item.width, y, size, rightToLeft: item.dir === 'rtl' };
  return { segment, turned: Math.abs(b) > Math.abs(a) };
}

/** Text that runs up or down the page, such as a stamp in the margin: read last, each piece by itself. */
const asLine = (segment: Segment) => ({
  ...segment,
  isTabular: false,
  column: { left: segment.x, right: segment.right },
});

type Transform = [number, number, number, number, number, number];

/** Both as PDF writes them: [a b c d e f]. */
function multiply(outer: Matrix, inner: Matrix): Transform {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = outer;
  const [p = 1, q = 0, r = 0, s = 1, t = 0, u = 0] = inner;
  return [a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f];
}

async function readTitle(pdf: Pdf): Promise<string | undefined> {
  const { info } = await pdf.getMetadata();
  const title: unknown = 'Title' in info ? info.Title : undefined;
  return typeof title === 'string' ? sensibleTitle(title) : undefined;
}
