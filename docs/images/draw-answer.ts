/**
 * Draws answer.svg, the README's picture: asks the stack that runs now, and draws its answer as a terminal shows it.
 * `npm start`, then in another terminal: node docs/images/draw-answer.ts [STATE]
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { chatAnswerSchema } from '../../lambdas/chat/schemas.ts';

const QUESTION = 'How many days a year may I work from another country?';
const COLUMNS = 92;
const [CHARACTER, LINE, MARGIN, BAR] = [8.43, 21, 22, 36] as const;

type Colour = 'text' | 'dim' | 'prompt' | 'mark';
interface Line {
  readonly text: string;
  readonly colour: Colour;
}
const COLOURS: Readonly<Record<Colour, string>> = {
  text: '#e6edf3',
  dim: '#8b949e',
  prompt: '#7ee787',
  mark: '#79c0ff',
};

const endpoints = z.object({ restUrl: z.string(), apiKey: z.string() });

async function ask(state: string): Promise<z.infer<typeof chatAnswerSchema>> {
  const { restUrl, apiKey } = endpoints.parse(JSON.parse(await readFile(join(state, 'endpoints.json'), 'utf8')));
  const response = await fetch(`${restUrl}chat`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ message: QUESTION }),
  });
  if (!response.ok) throw new Error(`POST /chat answered ${response.status}: ${await response.text()}`);
  return chatAnswerSchema.parse(await response.json());
}

function linesOf({ answer, citations, usage, latencyMs }: z.infer<typeof chatAnswerSchema>): Line[] {
  const sources = citations.flatMap(({ n, title, key, place, quote, score }) => [
    { text: '', colour: 'text' as const },
    { text: `[${n}] ${title}, ${placeOf(place)}  ${key}  score ${score.toFixed(2)}`, colour: 'mark' as const },
    ...wrap(`“${quote}”`, 4).map(text => ({ text, colour: 'dim' as const })),
  ]);
  const cost = usage.costUsd.toFixed(4);
  const figures = `${usage.inputTokens} + ${usage.outputTokens} tokens, $${cost} at list price, ${latencyMs} ms`;
  return [
    { text: `$ curl … /chat -d '{"message": "${QUESTION}"}'`, colour: 'prompt' },
    { text: '', colour: 'text' },
    ...wrap(answer, 0).map(text => ({ text, colour: 'text' as const })),
    ...sources,
    { text: '', colour: 'text' },
    { text: figures, colour: 'dim' },
  ];
}

const placeOf = (place: Readonly<Record<string, unknown>>) =>
  Object.entries(place)
    .filter(([, value]) => value !== undefined)
    .map(([kind, value]) => `${kind} ${value}`)
    .join(', ') || 'whole document';

function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line && indent + line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = '';
    }
    line = line ? `${line} ${word}` : word;
  }
  return [...lines, line].map(each => ' '.repeat(indent) + each);
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function draw(lines: readonly Line[]): string {
  const width = Math.ceil(Math.max(...lines.map(({ text }) => text.length)) * CHARACTER + 2 * MARGIN);
  const height = BAR + lines.length * LINE + MARGIN;
  const rows = lines.map(({ text, colour }, index) => {
    const y = BAR + LINE * (index + 0.8);
    return text && `  <text x="${MARGIN}" y="${y.toFixed(1)}" fill="${COLOURS[colour]}">${escaped(text)}</text>`;
  });
  const buttons = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, index) => `  <circle cx="${MARGIN + 20 * index}" cy="18" r="6" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" xml:space="preserve" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">`,
    `  <title>Groundwork answers a question and cites its sources</title>`,
    `  <rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>`,
    ...buttons,
    ...rows.filter(row => row !== ''),
    '</svg>\n',
  ].join('\n');
}

const file = join(import.meta.dirname, 'answer.svg');
await writeFile(file, draw(linesOf(await ask(process.argv[2] ?? '.groundwork'))));
console.log(`Drawn: ${file}`);
