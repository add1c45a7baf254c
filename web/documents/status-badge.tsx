import { Badge } from '../components/badge.tsx';
import { useDocumentStrings } from '../strings/documents.ts';

const TONES = { PENDING: 'busy', PROCESSING: 'busy', COMPLETED: 'good', FAILED: 'bad', DELETED: 'neutral' } as const;

export function StatusBadge({ status }: { status: keyof typeof TONES }) {
  const strings = useDocumentStrings();
  return <Badge tone={TONES[status]}>{strings.status[status]}</Badge>;
}
