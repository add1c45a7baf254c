import { createContext, Fragment, memo, type ReactNode, useContext, useMemo, useRef } from 'react';
import type { Citation } from '../api/shapes.ts';
import { useStrings } from '../strings/strings.tsx';
import { CodeBlock } from './code-block.tsx';
import { type Blocks, type MarkdownNode, NO_BLOCKS, parseMarkdown, readBlocks } from './markdown-blocks.ts';
import { splitMarks } from './marks.ts';
import { placeName } from './place-name.ts';
import { sourcesOf } from './turn.ts';

interface Marks {
  readonly sources: ReadonlyMap<number, readonly [Citation, ...Citation[]]>;
  readonly open: (n: number) => void;
}
const MarksContext = createContext<Marks>({ sources: new Map(), open: () => undefined });

interface MarkdownProps {
  readonly text: string;
  readonly citations: readonly Citation[];
  /** The mark `[n]` was pressed. */
  readonly onOpenSource: (n: number) => void;
}

/** An answer, block by block: what is finished is not rendered again while the rest comes. */
export default function Markdown({ text, citations, onOpenSource }: MarkdownProps) {
  const before = useRef<Blocks>(NO_BLOCKS);
  const blocks = readBlocks(before.current, text);
  before.current = blocks;
  const marks = useMemo(
    () => ({
      sources: new Map(sourcesOf(citations).map(source => [source.n, source.citations])),
      open: onOpenSource,
    }),
    [citations, onOpenSource],
  );
  return (
    <MarksContext value={marks}>
      <div className="prose">
        {[...blocks.finished, blocks.open].map((source, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever added
          <Block key={index} source={source} />
        ))}
      </div>
    </MarksContext>
  );
}

const Block = memo(({ source }: { source: string }) => renderAll(parseMarkdown(source)));

type Children = readonly (MarkdownNode | Extract<MarkdownNode, { type: 'table' }>['children'][number])[];

const renderAll = (nodes: Children): ReactNode =>
  // biome-ignore lint/suspicious/noArrayIndexKey: nodes of a parsed text have no other name, and keep their order
  nodes.map((node, index) => <Fragment key={index}>{render(node)}</Fragment>);

/** No HTML: what an answer holds of it is shown as text, and pictures as links. */
function render(node: Children[number]): ReactNode {
  switch (node.type) {
    case 'text':
      return <MarkedText text={node.value} />;
    case 'paragraph':
      return <p>{renderAll(node.children)}</p>;
    case 'heading':
      return <Heading depth={node.depth}>{renderAll(node.children)}</Heading>;
    case 'strong':
      return <strong>{renderAll(node.children)}</strong>;
    case 'emphasis':
      return <em>{renderAll(node.children)}</em>;
    case 'delete':
      return <del>{renderAll(node.children)}</del>;
    case 'inlineCode':
      return <code>{node.value}</code>;
    case 'code':
      return <CodeBlock text={node.value} language={node.lang ?? undefined} />;
    case 'list':
      return <List {...node} />;
    case 'listItem':
      return <li>{renderAll(node.children)}</li>;
    case 'blockquote':
      return <blockquote>{renderAll(node.children)}</blockquote>;
    case 'table':
      return <DataTable {...node} />;
    case 'link':
      return <SafeLink href={node.url}>{renderAll(node.children)}</SafeLink>;
    case 'image':
      return <SafeLink href={node.url}>{node.alt || node.url}</SafeLink>;
    case 'break':
      return <br />;
    case 'thematicBreak':
      return <hr />;
    case 'html':
      return node.value;
    default:
      return 'children' in node ? renderAll(node.children as Children) : null; // footnotes, references: their words
  }
}

/** Answers stand below the question, which is a heading of the second level. */
function Heading({ depth, children }: { depth: number; children: ReactNode }) {
  if (depth === 1) return <h3>{children}</h3>;
  return depth === 2 ? <h4>{children}</h4> : <h5>{children}</h5>;
}

function List({ ordered, start, spread, children }: Extract<MarkdownNode, { type: 'list' }>) {
  const items = children.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    <li key={index}>
      {typeof item.checked === 'boolean' && (item.checked ? '☑ ' : '☐ ')}
      {item.children.map((child, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        <Fragment key={at}>
          {child.type === 'paragraph' && !spread && !item.spread ? renderAll(child.children) : render(child)}
        </Fragment>
      ))}
    </li>
  ));
  return ordered ? <ol start={start ?? 1}>{items}</ol> : <ul>{items}</ul>;
}

/** Scrolls by itself when it is wider than the answer, also by the keyboard. */
function DataTable({ align, children }: Extract<MarkdownNode, { type: 'table' }>) {
  const { chat } = useStrings();
  const [head, ...rows] = children;
  const cells = (row: typeof head, Cell: 'th' | 'td') =>
    row?.children.map((cell, column) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <Cell key={column} data-align={align?.[column] ?? undefined} {...(Cell === 'th' && { scope: 'col' })}>
        {renderAll(cell.children)}
      </Cell>
    ));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="prose__table" aria-label={chat.table} tabIndex={0}>
      <table>
        <thead>
          <tr>{cells(head, 'th')}</tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <tr key={index}>{cells(row, 'td')}</tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const SAFE_PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);

/** A link of an answer leads out of the page, or is no link. */
export const isSafeLink = (href: string): boolean => URL.canParse(href) && SAFE_PROTOCOLS.has(new URL(href).protocol);

function SafeLink({ href, children }: { href: string; children: ReactNode }) {
  if (!isSafeLink(href)) return children;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}

function MarkedText({ text }: { text: string }) {
  const { sources } = useContext(MarksContext);
  const known = useMemo(() => new Set(sources.keys()), [sources]);
  return splitMarks(text, known).map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    typeof part === 'string' ? part : <Mark key={index} n={part.n} />,
  );
}

/** Opens the passage that it stands for. */
function Mark({ n }: { n: number }) {
  const { chat } = useStrings();
  const { sources, open } = useContext(MarksContext);
  const citations = sources.get(n);
  if (!citations) return `[${n}]`;
  const [{ title, place }] = citations;
  const isSupported = citations.some(({ supported }) => supported);
  const name = [chat.sourceName(n, title), placeName(place, chat.places), isSupported ? '' : chat.unsupported];
  return (
    <button
      type="button"
      className={isSupported ? 'mark' : 'mark mark--unsupported'}
      aria-label={name.filter(Boolean).join(', ')}
      title={name.slice(1).filter(Boolean).join(', ') || title}
      onClick={() => open(n)}
    >
      {n}
    </button>
  );
}
