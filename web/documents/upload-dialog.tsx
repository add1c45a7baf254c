import { useState } from 'react';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/text-field.tsx';
import { useDocumentStrings } from '../strings/documents.ts';
import { type FoundFile, filesOfInput } from './folder-files.ts';
import { groupsIn } from './metadata-fields.ts';
import type { UploadOptions } from './upload-queue.ts';

interface UploadDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Where files go unless another folder is named. */
  readonly folder: string;
  readonly onFiles: (files: readonly FoundFile[], options: UploadOptions) => void;
}

/** @returns with a slash at its end, or empty */
function folderIn(text: string): string {
  const path = text.trim().replace(/^\/+|\/+$/g, '');
  return path && `${path}/`;
}

const isFolder = (folder: string): boolean =>
  folder === '' ||
  folder
    .slice(0, -1)
    .split('/')
    .every(part => part !== '' && !/^\.|\\/.test(part));

/** Files or a folder, where they go and who may read them. */
export function UploadDialog({ isOpen, onClose, folder: usual, onFiles }: UploadDialogProps) {
  const { upload } = useDocumentStrings();
  const [folderText, setFolder] = useState<string>();
  const [groupsText, setGroups] = useState('');
  const folder = folderIn(folderText ?? usual);
  const groups = groupsIn(groupsText);
  const take = (list: FileList | null) => {
    if (!list || list.length === 0) return;
    onFiles(filesOfInput(list), { folder, ...(groups.length > 0 && { allowedGroups: groups }) });
    setFolder(undefined);
    setGroups('');
    onClose();
  };
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={upload.title}>
      <TextField
        label={upload.target}
        description={upload.targetHint}
        value={folderText ?? usual}
        onChange={setFolder}
        {...(!isFolder(folder) && { error: upload.targetFault })}
      />
      <TextField label={upload.groups} description={upload.groupsHint} value={groupsText} onChange={setGroups} />
      <div className="upload-choice">
        <FileTrigger allowsMultiple onSelect={take}>
          <Button look="primary" icon="document" isDisabled={!isFolder(folder)}>
            {upload.files}
          </Button>
        </FileTrigger>
        <FileTrigger acceptDirectory onSelect={take}>
          <Button icon="folder" isDisabled={!isFolder(folder)}>
            {upload.folder}
          </Button>
        </FileTrigger>
      </div>
      <p className="hint">{upload.dropHint}</p>
    </Dialog>
  );
}
