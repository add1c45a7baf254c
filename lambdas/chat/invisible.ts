/**
 * Characters that nobody sees and that can carry a message or turn text around. The joiners U+200C and U+200D are not among
 * them, because Persian, Indic scripts and emoji are written with them.
 */
const INVISIBLE = new RegExp(
  `[${[
    '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f', // control characters, without tab and line feed
    '\\u00ad\\u034f', // soft hyphen, combining grapheme joiner
    '\\u115f\\u1160\\u17b4\\u17b5\\u3164\\uffa0', // letters that show nothing
    '\\u180b-\\u180e\\u200b\\u2060-\\u2064\\ufeff', // zero-width spaces, invisible operators, byte order mark
    '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2065-\\u206f', // direction marks, overrides and isolates
    '\\ufff9-\\ufffb', // annotations
    '\\u{e0000}-\\u{e01ef}', // tags, which spell ASCII, and variation selectors, which spell bytes
  ].join('')}]`,
  'gu',
);

/** The text as a reader would see it. Offsets in the result are not those in `text`. */
export const withoutInvisible = (text: string): string => text.replace(INVISIBLE, '');
