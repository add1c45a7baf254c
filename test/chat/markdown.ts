import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import type { AllowedLinks } from '../../lambdas/chat/allowed-links.ts';

interface Node {
  readonly type: string;
  readonly url?: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}

/** What a client that shows GitHub's Markdown would load, run or link to. */
export function activeParts(markdown: string, links: AllowedLinks): string[] {
  const tree: Node = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  return partsOf(tree, links);
}

const REFERENCES = ['image', 'imageReference', 'html', 'definition', 'linkReference', 'footnoteDefinition'];

function partsOf(node: Node, links: AllowedLinks): string[] {
  const below = (node.children ?? []).flatMap(child => partsOf(child, links));
  if (REFERENCES.includes(node.type)) return [`${node.type} ${node.url ?? node.value ?? ''}`, ...below];
  if (node.type !== 'link' || isAllowed(node.url ?? '', links)) return below;
  return [`link ${node.url}`, ...below];
}

const isAllowed = (url: string, links: AllowedLinks): boolean =>
  url.startsWith('mailto:') ? links.hasEmail(url.slice('mailto:'.length)) : links.hasUrl(url);
