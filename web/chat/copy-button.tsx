import { useState } from 'react';
import { QuickButton } from '../components/quick-button.tsx';
import { notify } from '../components/toast.tsx';
import { useStrings } from '../strings/strings.tsx';

/** @returns whether it is in the clipboard; the browser may refuse */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    console.warn(error);
    return false;
  }
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const { common, chat } = useStrings();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(text))) return notify(chat.copyFailed, 'bad');
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <QuickButton
      icon={isCopied ? 'check' : 'copy'}
      label={isCopied ? common.copied : label}
      onClick={() => void copy()}
    />
  );
}
