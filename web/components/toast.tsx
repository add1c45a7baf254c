import { useSyncExternalStore } from 'react';
import { useStrings } from '../strings/strings.tsx';
import { IconButton } from './button.tsx';
import { Icon } from './icons.tsx';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'good' | 'bad';
}

const SHOWN_MS = 6_000;
let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function show(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

const dismiss = (id: number): void => show(toasts.filter(toast => toast.id !== id));

/** Tells in passing what was done. What needs an answer, or went wrong in a view, is said in that view. */
export function notify(text: string, tone: Toast['tone'] = 'good'): void {
  lastId += 1;
  const id = lastId;
  show([...toasts.slice(-2), { id, text, tone }]);
  if (tone === 'good') setTimeout(() => dismiss(id), SHOWN_MS); // what is bad waits until it was read
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Where they show; once a page. */
export function ToastRegion() {
  const { common, shell } = useStrings();
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <section className="toasts" aria-label={shell.notifications} aria-live="polite">
      {shown.map(({ id, text, tone }) => (
        <div key={id} className={`toast toast--${tone}`}>
          <Icon name={tone === 'good' ? 'check' : 'warning'} size={18} />
          <p>{text}</p>
          <IconButton size="small" icon="close" label={common.dismiss} onPress={() => dismiss(id)} />
        </div>
      ))}
    </section>
  );
}
