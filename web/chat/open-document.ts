import type { Citation } from '../api/shapes.ts';
import { errorMessage } from '../components/error-message.ts';
import { notify } from '../components/toast.tsx';
import { useApi } from '../services.tsx';
import { useStrings } from '../strings/strings.tsx';

type Cited = Pick<Citation, 'documentId' | 'key' | 'place'>;

/** Viewers of PDF files in browsers go to the page that the address names. */
export const atPlace = (url: string, { key, place }: Cited): string =>
  key.toLowerCase().endsWith('.pdf') && place.page !== undefined ? `${url}#page=${place.page}` : url;

/** @returns opens a cited document in a tab of its own, at its page where the format has pages */
export function useOpenDocument(): (cited: Cited) => Promise<void> {
  const api = useApi();
  const strings = useStrings();
  return async cited => {
    // Opened before the link is there: browsers block a tab that comes later than the press.
    const tab = window.open('about:blank', '_blank');
    if (tab) tab.opener = null;
    try {
      const { url } = await api.json<{ url: string }>(`documents/${cited.documentId}/content`);
      if (tab) tab.location.replace(atPlace(url, cited));
      else notify(strings.chat.tabBlocked, 'bad');
    } catch (error) {
      tab?.close();
      notify(errorMessage(error, strings), 'bad');
    }
  };
}
