import type { Citation } from '../api/shapes.ts';
import { useStrings } from '../strings/strings.tsx';
import { placeName } from './place-name.ts';
import { sourcesOf } from './turn.ts';

interface SourcesProps {
  readonly citations: readonly Citation[];
  readonly onOpen: (n: number) => void;
}

/** Where the answer comes from, by the numbers of its marks. */
export function Sources({ citations, onOpen }: SourcesProps) {
  const { chat } = useStrings();
  return (
    <section className="sources" aria-label={chat.sources}>
      <h3 className="sources__title">{chat.sources}</h3>
      <ol className="sources__list">
        {sourcesOf(citations).map(({ n, citations: [first, ...others] }) => {
          const isSupported = [first, ...others].some(({ supported }) => supported);
          return (
            <li key={n}>
              <button type="button" className="source" onClick={() => onOpen(n)}>
                <span className={isSupported ? 'mark' : 'mark mark--unsupported'} aria-hidden="true">
                  {n}
                </span>
                <span className="source__words">
                  <span className="source__title">{first.title}</span>
                  <span className="source__place">
                    {[placeName(first.place, chat.places), isSupported ? '' : chat.unsupported]
                      .filter(Boolean)
                      .join(' · ')}
                  </span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
