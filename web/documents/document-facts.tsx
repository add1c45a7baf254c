import type { DocumentDetail } from '../api/documents.ts';
import { useDocumentStrings } from '../strings/documents.ts';
import { useFormats } from '../strings/strings.tsx';

/** What is known of a document besides its text. */
export function DocumentFacts({ document }: { document: DocumentDetail }) {
  const { detail } = useDocumentStrings();
  const { number, bytes, dateTime } = useFormats();
  const { size, chunkCount, createdAt, updatedAt, allowedGroups, attributes = {} } = document;
  const readers = allowedGroups?.join(', ') ?? detail.everyone;
  const facts = [
    [detail.size, bytes(size)],
    [detail.chunks, number(chunkCount)],
    [detail.created, dateTime(createdAt)],
    [detail.updated, dateTime(updatedAt)],
    [detail.readers, readers || detail.nobody],
    ...Object.entries(attributes).map(([name, value]) => [name, String(value)] as const),
  ] as const;
  return (
    <dl className="document-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
