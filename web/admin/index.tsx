import { NotFound } from '../not-found.tsx';

/** Nothing links here yet. */
export default function AdminPage(_: { section?: string }) {
  return <NotFound />;
}
