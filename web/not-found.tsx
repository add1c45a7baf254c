import { LinkButton } from './components/button.tsx';
import { EmptyState } from './components/states.tsx';
import { useStrings } from './strings/strings.tsx';

export function NotFound() {
  const { shell } = useStrings();
  return (
    <EmptyState
      icon="search"
      title={shell.notFound}
      isPage
      actions={
        <LinkButton look="primary" href="#/">
          {shell.toStart}
        </LinkButton>
      }
    >
      {shell.notFoundHint}
    </EmptyState>
  );
}
