import { useCallback, useEffect } from 'react';
import { ApiProblem } from '../api/problems.ts';
import { useQuery } from '../api/use-query.ts';
import { useApi, useServices } from '../services.tsx';
import { useStrings } from '../strings/strings.tsx';

/** Where a conversation begins: a greeting, and questions that the documents can answer. */
export function Start({ onAsk }: { onAsk: (question: string) => void }) {
  const { chat } = useStrings();
  const { me } = useServices();
  const api = useApi();
  const { data } = useQuery(useCallback((signal: AbortSignal) => suggestions(api, signal), [api]));
  useEffect(() => void import('./markdown.tsx'), []); // the answer will need it
  const first = me?.name?.split(' ')[0];
  return (
    <div className="start">
      <h1 className="start__title">{first ? chat.greetingTo(first) : chat.greeting}</h1>
      <p className="start__lead">{chat.lead}</p>
      {data && data.length > 0 && (
        <section aria-label={chat.suggestions}>
          <h2 className="start__heading">{chat.suggestions}</h2>
          <ul className="suggestions">
            {data.slice(0, 4).map(question => (
              <li key={question}>
                <button type="button" className="suggestion" onClick={() => onAsk(question)}>
                  {question}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** None where there are none yet, or the stack is an older one: nobody misses them. */
async function suggestions(api: ReturnType<typeof useApi>, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const { questions } = await api.json<{ questions: readonly string[] }>('suggestions', { signal });
    return questions;
  } catch (error) {
    if (error instanceof ApiProblem) return [];
    throw error;
  }
}
