import { type DragEvent, type ReactNode, useState } from 'react';
import { Icon } from '../components/icons.tsx';
import { useDocumentStrings } from '../strings/documents.ts';

interface DropAreaProps {
  readonly isDisabled: boolean;
  readonly onDrop: (data: DataTransfer) => void;
  readonly children: ReactNode;
}

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes('Files');

/** Takes what is dropped anywhere on it. Those without a mouse have the buttons for the same. */
export function DropArea({ isDisabled, onDrop, children }: DropAreaProps) {
  const { upload } = useDocumentStrings();
  /** Enters less leaves: both bubble up from whatever is dragged over. */
  const [depth, setDepth] = useState(0);
  const over = (event: DragEvent, change: number) => {
    if (isDisabled || !hasFiles(event)) return;
    event.preventDefault();
    setDepth(before => Math.max(0, before + change));
  };
  const drop = (event: DragEvent) => {
    if (isDisabled || !hasFiles(event)) return;
    event.preventDefault();
    setDepth(0);
    onDrop(event.dataTransfer);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping needs a pointer; buttons do the same without one
    <div
      className="drop-area"
      onDragEnter={event => over(event, 1)}
      onDragLeave={event => over(event, -1)}
      onDragOver={event => over(event, 0)}
      onDrop={drop}
    >
      {children}
      {depth > 0 && (
        <div className="drop-area__target" aria-hidden="true">
          <Icon name="upload" size={32} />
          <p>{upload.drop}</p>
        </div>
      )}
    </div>
  );
}
