import type { Citation } from '../api/shapes.ts';
import { errorMessage } from '../components/error-message.ts';
import { notify } from '../components/toast.tsx';
import { useApi } from '../services.tsx';
import { useStrings } from '../strings/strings.tsx';

type Cited = Pick<Citation, 'documentId' | 'key' | 'place'>;

/** Viewers of PDF files in browsers go to the page that the address names. */
export const atPlace = (url: string, { key, place }: Cited): string =>
  key.toLowerCase().endsWith('.pdf') && place.page !== undefined ? `${url}#page=${place.page}` : url;

/** @returns opens a cited document in a tab of its own, at its page where the format has pages; what cannot be shown is saved */
export function useOpenDocument(): (cited: Cited) => Promise<void> {
  const api = useApi();
  const strings = useStrings();
  return async cited => {
    try {
      const { url } = await api.json<{ url: string }>(`documents/${cited.documentId}/content`);
      // A link, because the tab of a link closes by itself when the browser saves the file instead of showing it.
      const link = document.createElement('a');
      link.href = atPlace(url, cited);
      link.target = '_blank';
      link.rel = 'noopener noreferrer';
      link.click();
    } catch (error) {
      notify(errorMessage(error, strings), 'bad');
    }
  };
}
