import { useSyncExternalStore } from 'react';

const subscribe = (listener: () => void) => {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
};

/** Whether the browser has a network; true does not mean that anybody is reached. */
export const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine);
