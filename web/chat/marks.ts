export type MarkedText = string | { readonly n: number };

/** Cuts text at its marks `[n]`. @param known numbers that name a source; other brackets stay text */
export function splitMarks(text: string, known: ReadonlySet<number>): MarkedText[] {
  return text
    .split(/(\[\d{1,3}\])/)
    .map(part => {
      const n = Number(/^\[(\d+)\]$/.exec(part)?.[1]);
      return known.has(n) ? { n } : part;
    })
    .filter(part => part !== '');
}

/** The answer for a place where marks mean nothing. */
export const withoutMarks = (answer: string): string => answer.replaceAll(/ ?\[\d{1,3}\]/g, '');
