import { useStrings } from '../strings/strings.tsx';
import { CopyButton } from './copy-button.tsx';

export function CodeBlock({ text, language }: { text: string; language: string | undefined }) {
  const { chat } = useStrings();
  return (
    <figure className="code">
      <figcaption className="code__head">
        <span>{language ?? chat.code}</span>
        <CopyButton text={text} label={chat.copyCode} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}
