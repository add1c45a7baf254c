/**
 * Cleans the text of a block. Citations quote what comes out, so this happens once, here, and nowhere again.
 *
 * Unicode NFC, and NFKC for what only looks different: ligatures, letters and digits of full and half width, mathematical and
 * Arabic letter forms, radicals. Not for what means something: `m²`, `½` and Chinese punctuation stay. Control, zero-width, bidi and tag characters, soft hyphens and terminal escapes
 * removed; every kind of line break is `\n` and every run of other white space one space, none of it at the edges of
 * lines. At most one blank line stays between lines.
 * @param layout `keep` leaves indentation and runs of spaces within lines, as code needs them
 */
export function cleanText(text: string, layout: 'fold' | 'keep' = 'fold'): string {
  const visible = needsCare.test(text) ? removeInvisible(text) : text;
  const lines = visible.replace(/\r\n?/g, '\n');
  if (layout === 'keep')
    return lines
      .replace(/[^\S\n]+$/gm, '')
      .replace(/\n{3,}/g, '\n\n')
      .replace(/^\n+|\s+$/g, '');
  return lines
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Most text is printable ASCII, and then there is nothing to take out. */
const needsCare = /[^\n\r\t\x20-\x7e]/;

function removeInvisible(text: string): string {
  return text
    .replace(presentationForms, form => form.normalize('NFKC'))
    .replace(terminalEscape, '')
    .replace(lineBreaks, '\n')
    .replaceAll('\0', ' ') // programs that write it part words with it
    .replace(invisible, '')
    .replace(strayJoiner, '')
    .normalize('NFC');
}

const anyOf = (ranges: readonly string[]) => `[${ranges.join('')}]`;

/** Forms that stand for other characters, written so for their looks or by programs that draw text. */
const presentationForms = new RegExp(
  `${anyOf([
    '\\u0132\\u0133\\u013f\\u0140\\u01c4-\\u01cc\\u01f1-\\u01f3', // two letters in one
    '\\u2e80-\\u2fdf', // radicals, which PDFs of Chinese have for characters
    '\\ufb00-\\ufb4f', // ligatures
    '\\ufb50-\\ufc5d\\ufc64-\\ufdf9\\ufe80-\\ufefc', // Arabic letters as they are drawn
    '\\ufe10-\\ufe19\\ufe30-\\ufe44', // punctuation of vertical text
    '\\uff10-\\uff19\\uff21-\\uff3a\\uff41-\\uff5a\\uff65-\\uff9f', // full and half width
    '\\u{1d400}-\\u{1d7ff}\\u{1ee00}-\\u{1eef1}', // mathematical letters
  ])}+`,
  'gu',
);

/** `ESC [ … m` and its like, as programs write them to a terminal. */
const terminalEscape = new RegExp(String.raw`${anyOf(['\\u001b'])}\[[0-9;?]*[ -/]*[@-~]`, 'g');

const lineBreaks = new RegExp(anyOf(['\\u000b', '\\u000c', '\\u0085', '\\u2028', '\\u2029']), 'g');

const invisible = new RegExp(
  anyOf([
    '\\u0001-\\u0008', // control characters, without tab and line breaks
    '\\u000e-\\u001f',
    '\\u007f-\\u009f',
    '\\u00ad', // soft hyphen
    '\\u034f', // combining grapheme joiner
    '\\u115f\\u1160\\u3164\\uffa0', // fillers that show nothing
    '\\u180e\\u200b\\u2060-\\u2064', // zero-width spaces and joiners of words, invisible operators
    '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069', // direction marks and overrides
    '\\u206a-\\u206f\\ufeff\\ufff9-\\ufffb', // deprecated controls, byte order mark, annotations
    '\\u{e0000}-\\u{e007f}', // tags: letters that nobody sees
    '\\p{Surrogate}', // halves of a pair without the other
  ]),
  'gu',
);

/** Joiners shape Indic and Arabic text and emoji; elsewhere they only hide. */
const strayJoiner = new RegExp(
  `(?<!${anyOf(['\\u0600-\\u109f', '\\u1700-\\u18af', '\\p{Extended_Pictographic}', '\\ufe0f', '\\u{1f3fb}-\\u{1f3ff}'])})[\\u200c\\u200d]+`,
  'gu',
);
