/** Elements whose tags are taken out. Anything else after a `<` is taken for text, as in `List<String>`, and escaped. */
const ELEMENTS = new Set(
  (
    'a abbr address area article aside audio b base bdi bdo big blockquote body br button canvas caption center cite code ' +
    'col colgroup data dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form frame ' +
    'frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe image img input ins kbd label legend li link main map mark ' +
    'marquee math meta meter nav noscript object ol optgroup option output p param picture pre progress q s samp script ' +
    'section select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot ' +
    'th thead time title tr track tt u ul var video wbr xmp'
  ).split(' '),
);

/** An attribute without a value does not count, since then `a<b and c>d` would be a tag. */
const ATTRIBUTE = String.raw`\s+[a-z_:@][\w:.@-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>${'`'}]+)`;
const TAG = new RegExp(String.raw`^</?([a-z][a-z0-9]*)(?:${ATTRIBUTE})*\s*/?>`, 'i');
const TAG_BEGIN = new RegExp(
  String.raw`^</?(?:([a-z][a-z0-9]*)(?:${ATTRIBUTE})*(?:\s+(?:[a-z_:@][\w:.@-]*(?:\s*=\s*(?:"[^"]*"?|'[^']*'?|[^\s"'=<>${'`'}]*)?)?)?)?\s*/?)?$`,
  'i',
);
const COMMENT = /^<!--[\s\S]*?-->/;
const COMMENT_BEGIN = /^<(?:!(?:-(?:-[\s\S]*)?)?)?$/;

/** The tag of a known element or the comment that `text` begins with. */
export function htmlAt(text: string): { readonly length: number; readonly isBreak: boolean } | undefined {
  const [comment] = COMMENT.exec(text) ?? [];
  if (comment) return { length: comment.length, isBreak: false };
  const [tag, name = ''] = TAG.exec(text) ?? [];
  if (!tag || !ELEMENTS.has(name.toLowerCase())) return undefined;
  return { length: tag.length, isBreak: /^(?:br|p|div|li|tr|td|th|hr)$/i.test(name) };
}

/** Whether more text could make what `htmlAt` finds. */
export function mayBecomeHtml(text: string): boolean {
  if (COMMENT_BEGIN.test(text)) return true;
  const [begin, name = ''] = TAG_BEGIN.exec(text) ?? [];
  if (begin === undefined) return false;
  const known = name.toLowerCase();
  const isWhole = begin.replace(/^<\/?/, '').length > name.length;
  return isWhole ? ELEMENTS.has(known) : [...ELEMENTS].some(element => element.startsWith(known));
}
