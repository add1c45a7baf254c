/** What one document may cost. Beyond a limit it ends FAILED as `too-large` or `too-deep`, not half indexed. */
export const limits = {
  /** UTF-16 code units of text in all blocks together. */
  characters: 20_000_000,
  /** The same for a file that is read piece by piece, whose text is never in memory as a whole. */
  streamedCharacters: 1_000_000_000,
  /** Bytes up to which any file is read as a whole; from there on those that can be are read piece by piece. */
  wholeBytes: 2_000_000,
  /** Pages of a PDF. */
  pages: 5_000,
  slides: 5_000,
  /** Filled cells of a workbook or a delimited file. */
  cells: 5_000_000,
  /** Files in an archive. */
  archiveEntries: 20_000,
  /** Bytes that one archive may inflate to, counted while inflating. */
  inflatedBytes: 256 * 1024 * 1024,
  /** Inflated bytes per compressed byte; looked at once `expansionFloorBytes` have come out. */
  expansionRatio: 200,
  expansionFloorBytes: 8 * 1024 * 1024,
  /** Elements, brackets or quotes inside one another. */
  nesting: 1_000,
  /** Elements of a web page inside one another: unclosed ones add up in honest pages too. */
  htmlNesting: 10_000,
  /** Markdown is parsed in pieces of about this many characters, cut at headings: its grammar is not linear. */
  markdownPiece: 400_000,
  /** Files within files, such as an attachment of a mail that is attached to a mail. */
  innerDepth: 3,
  /** Parts of a mail inside one another. */
  mimeNesting: 100,
  /** Attachments of one mail. */
  attachments: 200,
  /** UTF-16 code units of YAML that are parsed, which takes seconds and some 200 bytes for each. */
  yamlCharacters: 1_000_000,
} as const;
