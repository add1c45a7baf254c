import { useCallback, useEffect, useState } from 'react';
import type { DocumentsApi, Metadata } from '../api/documents.ts';
import { ApiProblem } from '../api/problems.ts';
import { useQuery } from '../api/use-query.ts';
import { Button } from '../components/button.tsx';
import { useErrorMessage } from '../components/error-message.ts';
import { RadioGroup } from '../components/radio-group.tsx';
import { ErrorState, LoadingState } from '../components/states.tsx';
import { TextField } from '../components/text-field.tsx';
import { notify } from '../components/toast.tsx';
import { useDocumentStrings } from '../strings/documents.ts';
import { useStrings } from '../strings/strings.tsx';
import { AttributeEditor } from './attribute-editor.tsx';
import {
  type Access,
  type AttributeField,
  accessOf,
  faultsOf,
  fieldsOf,
  groupsIn,
  metadataIn,
} from './metadata-fields.ts';

interface AccessEditorProps {
  readonly documentId: string;
  readonly documents: Pick<DocumentsApi, 'metadata' | 'putMetadata'>;
  readonly onSaved: () => void;
}

/** Reads and writes the sidecar; what others changed meanwhile is not overwritten. */
export function AccessEditor({ documentId, documents, onSaved }: AccessEditorProps) {
  const { access } = useDocumentStrings();
  const ask = useCallback((signal: AbortSignal) => documents.metadata(documentId, signal), [documents, documentId]);
  const { data, error, reload } = useQuery(ask);
  const [isChanged, setChanged] = useState(false);
  if (error !== undefined && !data) return <ErrorState error={error} onRetry={reload} />;
  if (!data) return <LoadingState />;
  return (
    <div className="access">
      <p className="hint">{access.lead}</p>
      {data.error && (
        <div className="trouble" role="alert">
          <p>{access.broken}</p>
          <p className="trouble__code">{data.error.message}</p>
        </div>
      )}
      {isChanged && (
        <p className="trouble" role="alert">
          {access.changed}
        </p>
      )}
      <AccessForm
        key={data.eTag ?? 'none'}
        metadata={data}
        onSave={async change => {
          setChanged(false);
          try {
            await documents.putMetadata(documentId, { ...change, eTag: data.eTag ?? null });
            notify(access.saved);
            onSaved();
          } catch (failure) {
            if (!(failure instanceof ApiProblem && failure.kind === 'metadata-changed')) throw failure;
            setChanged(true);
          }
          reload();
        }}
      />
    </div>
  );
}

interface AccessFormProps {
  readonly metadata: Metadata;
  readonly onSave: (change: ReturnType<typeof metadataIn>) => Promise<void>;
}

function AccessForm({ metadata, onSave }: AccessFormProps) {
  const { common } = useStrings();
  const words = useDocumentStrings().access;
  const [access, setAccess] = useState<Access>(accessOf(metadata));
  const [groups, setGroups] = useState(metadata.allowedGroups?.join(', ') ?? '');
  const [fields, setFields] = useState<readonly AttributeField[]>(fieldsOf(metadata.attributes));
  const [isTried, setTried] = useState(false);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const message = useErrorMessage(error);
  const faults = faultsOf(fields);
  const lacksGroups = access === 'groups' && groupsIn(groups).length === 0;
  const isMounted = useMounted();
  const save = async () => {
    setTried(true);
    if (lacksGroups || faults.size > 0) return;
    setPending(true);
    setError(undefined);
    try {
      await onSave(metadataIn(fields, access, groups));
    } catch (failure) {
      setError(failure);
    } finally {
      if (isMounted()) setPending(false);
    }
  };
  return (
    <form
      className="access__form"
      noValidate
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      <RadioGroup
        label={words.who}
        value={access}
        onChange={setAccess}
        options={(['everyone', 'groups', 'nobody'] as const).map(id => ({ id, label: words[id] }))}
      />
      {access === 'groups' && (
        <TextField
          label={words.names}
          description={words.namesHint}
          value={groups}
          onChange={setGroups}
          {...(isTried && lacksGroups && { error: words.namesFault })}
        />
      )}
      <AttributeEditor fields={fields} faults={isTried ? faults : new Map()} onChange={setFields} />
      {error !== undefined && (
        <p className="trouble" role="alert">
          {message}
        </p>
      )}
      <Button type="submit" look="primary" className="access__save" isPending={isPending}>
        {common.save}
      </Button>
    </form>
  );
}

/** A form is made anew when what it saved is read again. */
function useMounted(): () => boolean {
  const [state] = useState({ isMounted: true });
  useEffect(() => {
    state.isMounted = true;
    return () => {
      state.isMounted = false;
    };
  }, [state]);
  return () => state.isMounted;
}
