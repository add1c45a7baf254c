import { useCallback, useState } from 'react';
import type { ChunkPage, DocumentsApi } from '../api/documents.ts';
import { ApiProblem } from '../api/problems.ts';
import { useQuery } from '../api/use-query.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { ErrorState, LoadingState } from '../components/states.tsx';
import { useReport } from '../components/use-report.ts';
import { type DocumentStrings, useDocumentStrings } from '../strings/documents.ts';
import { useStrings } from '../strings/strings.tsx';

type Chunk = ChunkPage['chunks'][number];

interface ChunkListProps {
  readonly documentId: string;
  readonly documents: Pick<DocumentsApi, 'chunks'>;
}

const PAGE = 20;

/** The passages that are searched, as they are stored. */
export function ChunkList({ documentId, documents }: ChunkListProps) {
  const { common } = useStrings();
  const { detail } = useDocumentStrings();
  const report = useReport();
  const [further, setFurther] = useState<{ chunks: readonly Chunk[]; cursor?: string | undefined }>();
  const [isLoading, setLoading] = useState(false);
  const ask = useCallback(
    (signal: AbortSignal) => documents.chunks(documentId, { limit: PAGE }, signal),
    [documents, documentId],
  );
  const { data, error, reload } = useQuery(ask);
  // Who looks after documents may know of one whose text is not for them.
  if (error instanceof ApiProblem && error.status === 404) return <p className="hint">{detail.hidden}</p>;
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (!data) return <LoadingState />;
  const chunks = [...data.chunks, ...(further?.chunks ?? [])];
  const cursor = further ? further.cursor : data.cursor;
  const loadMore = async () => {
    setLoading(true);
    try {
      const page = await documents.chunks(documentId, { limit: PAGE, cursor });
      setFurther(before => ({ chunks: [...(before?.chunks ?? []), ...page.chunks], cursor: page.cursor }));
    } catch (failure) {
      report(failure);
    } finally {
      setLoading(false);
    }
  };
  if (chunks.length === 0) return <p className="hint">{detail.noChunks}</p>;
  return (
    <>
      <ol className="chunks">
        {chunks.map(chunk => (
          <li key={chunk.chunkId} className="chunk">
            <p className="chunk__place">
              <span>{placeOf(chunk, detail)}</span>
              {chunk.suspicious && <Badge tone="bad">{detail.suspicious}</Badge>}
            </p>
            {chunk.context !== undefined && <p className="chunk__context">{chunk.context}</p>}
            <p className="chunk__text">{chunk.text}</p>
          </li>
        ))}
      </ol>
      {cursor !== undefined && (
        <Button isPending={isLoading} onPress={() => void loadMore()}>
          {common.loadMore}
        </Button>
      )}
    </>
  );
}

function placeOf({ index, place }: Chunk, { place: words }: DocumentStrings['detail']): string {
  const parts = [
    place.page !== undefined && words.page(place.page),
    place.slide !== undefined && words.slide(place.slide),
    place.sheet,
    place.section,
  ].filter(part => typeof part === 'string');
  return [`${index + 1}`, ...parts].join(' · ');
}
