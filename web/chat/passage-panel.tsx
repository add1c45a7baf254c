import { useCallback, useEffect, useRef } from 'react';
import type { ChunkList, Citation } from '../api/shapes.ts';
import { useQuery } from '../api/use-query.ts';
import { Badge } from '../components/badge.tsx';
import { Button, IconButton } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { useApi } from '../services.tsx';
import { useStrings } from '../strings/strings.tsx';
import { useMedia } from '../use-media.ts';
import { useOpenDocument } from './open-document.ts';
import { placeName } from './place-name.ts';

interface PassagePanelProps {
  readonly n: number;
  readonly citations: readonly [Citation, ...Citation[]];
  readonly onClose: () => void;
}

/** The passages behind a mark, each with its quote highlighted: beside the chat where there is room, else over it. */
export function PassagePanel({ n, citations, onClose }: PassagePanelProps) {
  const { chat, common } = useStrings();
  const isBeside = useMedia('(min-width: 75rem)');
  const heading = useRef<HTMLHeadingElement>(null);
  const title = chat.sourceName(n, citations[0].title);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another source is read out from its name on
  useEffect(() => void heading.current?.focus(), [n, citations, isBeside]);
  if (!isBeside) {
    return (
      <Dialog form="sheet" title={title} isOpen onClose={onClose}>
        <Passages citations={citations} />
      </Dialog>
    );
  }
  return (
    <aside className="panel" aria-label={title} onKeyDown={event => event.key === 'Escape' && onClose()}>
      <header className="panel__head">
        <h2 className="panel__title" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <IconButton icon="close" label={common.close} onPress={onClose} />
      </header>
      <div className="panel__body">
        <Passages citations={citations} />
      </div>
    </aside>
  );
}

function Passages({ citations }: { citations: PassagePanelProps['citations'] }) {
  const { chat } = useStrings();
  const [first] = citations;
  const openDocument = useOpenDocument();
  return (
    <>
      <p className="panel__key">{first.key}</p>
      {citations.map(citation => (
        <Passage key={`${citation.chunkId}-${citation.start}-${citation.supported}`} citation={citation} />
      ))}
      <div>
        <Button icon="external" onPress={() => void openDocument(first)}>
          {chat.openDocument}
        </Button>
      </div>
    </>
  );
}

/** The quote is there at once; the text around it comes with the chunk, where this version of the document still exists. */
function Passage({ citation }: { citation: Citation }) {
  const { chat } = useStrings();
  const api = useApi();
  const { documentId, version, chunkId, quote, start, end, supported, place } = citation;
  const ask = useCallback(
    (signal: AbortSignal) =>
      api.json<ChunkList>(`documents/${documentId}/chunks`, { query: { version, around: chunkId }, signal }),
    [api, documentId, version, chunkId],
  );
  const { data } = useQuery(ask);
  const text = data?.chunks.find(chunk => chunk.chunkId === chunkId)?.text;
  const isFound = text !== undefined && text.slice(start, end) === quote;
  const mark = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text around it moves the quote
  useEffect(() => void mark.current?.scrollIntoView({ block: 'nearest' }), [isFound]);
  return (
    <figure className="passage">
      <figcaption className="passage__place">
        <span>{placeName(place, chat.places) || chat.passage}</span>
        <Badge tone={supported ? 'good' : 'bad'}>{supported ? chat.supported : chat.unsupported}</Badge>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long passage scrolls, for the keyboard too */}
      <blockquote className="passage__text" tabIndex={0}>
        {isFound && text.slice(0, start)}
        <mark ref={mark}>{quote}</mark>
        {isFound && text.slice(end)}
      </blockquote>
    </figure>
  );
}
