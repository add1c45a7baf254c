import { NotFound } from '../not-found.tsx';

/** Nothing links here yet. */
export default function DocumentsPage(_: { documentId?: string }) {
  return <NotFound />;
}
