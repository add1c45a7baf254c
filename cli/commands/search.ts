import { defineCommand } from '../command.ts';
import { parseCount, UsageError } from '../parse-arguments.ts';
import { folderKeyOf, placeText } from '../places.ts';
import { searchShape } from '../shapes.ts';

export const search = defineCommand({
  summary: 'passages nearest to a text, without an answer',
  help: `Usage: groundwork search <text> [options]

Finds the passages nearest to a text, best first.

  --folder FOLDER  only documents under this folder
  --top-k N        how many passages, 1 to 20 (default: the setting of the stack)
`,
  options: { folder: { type: 'string' }, 'top-k': { type: 'string' } },
  async run({ client, values, positionals, output }) {
    const query = positionals.join(' ').trim();
    if (!query) throw new UsageError('Say what to search for: groundwork search "parental leave".');
    const topK = values['top-k'] === undefined ? undefined : parseCount('--top-k', values['top-k'], 1, 20);
    const folder = values.folder === undefined ? undefined : folderKeyOf(values.folder);
    const body = { query, ...(topK && { topK }), ...(folder && { filter: { folder } }) };
    const { matches } = await (await client()).get(searchShape, { method: 'POST', path: 'search', body });
    for (const match of matches) {
      output.result(match);
      output.line(`${match.title}${placeText(match.place)}  ${match.score.toFixed(2)}  ${match.key}`, 'bold');
      output.line(`  ${match.text.trim().replace(/\s+/g, ' ').slice(0, 300)}\n`);
    }
    if (matches.length === 0) output.line('Nothing was found.');
    return 0;
  },
});
