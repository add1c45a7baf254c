import type { BlockList } from './block.ts';
import type { FormatOptions } from './format-options.ts';
import { addParagraphs } from './paragraphs.ts';
import { addRecords, isContainer } from './record-blocks.ts';
import { fold } from './table.ts';

type RecordOptions = NonNullable<FormatOptions['json']>;

/**
 * Adds the records of a JSON value as the rules say: each with its id and title as a heading, and with the fields that are
 * its text as paragraphs. A record that has none of these fields is read whole, since nothing must get lost in silence.
 * @throws UnreadableDocument too-deep, too-large
 */
export function addChosenRecords(list: BlockList, value: unknown, options: RecordOptions = {}): void {
  const { records, text, title, id } = options;
  const chosen = records === undefined ? [] : valuesAt(value, records);
  if (text === undefined && title === undefined && id === undefined) {
    for (const found of chosen.length > 0 ? chosen : [value]) addRecords(list, found);
    return;
  }
  for (const record of recordsIn(chosen.length > 0 ? chosen : value)) addRecord(list, record, options);
}

function addRecord(list: BlockList, record: unknown, { text = [], title, id }: RecordOptions): void {
  const names = [id, title].map(path => (path === undefined ? '' : nameAt(record, path)));
  const heading = names.filter(name => name !== '').join(' – ');
  if (heading !== '') list.add({ kind: 'heading', level: 1, text: heading, place: {} });
  const fields = text.flatMap(path => valuesAt(record, path)).filter(field => field !== null && field !== '');
  if (fields.length === 0) addRecords(list, record);
  for (const field of fields) {
    if (isContainer(field)) addRecords(list, field);
    else addParagraphs(list, String(field));
  }
}

/** The items of lists, and of lists in lists; anything else is a record itself. */
const recordsIn = (value: unknown): unknown[] => (Array.isArray(value) ? value.flat(LIST_DEPTH) : [value]);
const LIST_DEPTH = 5;

const nameAt = (record: unknown, path: string): string =>
  valuesAt(record, path)
    .filter(value => !isContainer(value) && value !== null)
    .map(value => fold(String(value)))
    .join(', ');

/** What is there: of a list, what its items have, in order. */
function valuesAt(value: unknown, path: string): unknown[] {
  let found = [value];
  for (const key of path.split('.')) {
    found = found.flatMap(holder =>
      (Array.isArray(holder) ? holder : [holder]).flatMap(item =>
        isContainer(item) && Object.hasOwn(item, key) ? [item[key as keyof typeof item]] : [],
      ),
    );
  }
  return found.flat();
}
