import { useState } from 'react';
import type { NewJob } from '../api/administration.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { useErrorMessage } from '../components/error-message.ts';
import { RadioGroup } from '../components/radio-group.tsx';
import { Select } from '../components/select.tsx';
import { TextField } from '../components/text-field.tsx';
import { useAdministrationStrings } from '../strings/administration.ts';
import { useStrings } from '../strings/strings.tsx';

interface JobDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onStart: (job: NewJob) => Promise<void>;
}

const KINDS = ['INCREMENTAL', 'REINDEX', 'BATCH'] as const;

export function JobDialog({ isOpen, onClose, onStart }: JobDialogProps) {
  const { jobs } = useAdministrationStrings();
  const { common } = useStrings();
  const [kind, setKind] = useState<(typeof KINDS)[number]>('INCREMENTAL');
  const [models, setModels] = useState<'all' | 'others'>('all');
  const [prefix, setPrefix] = useState('');
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const message = useErrorMessage(error);
  const close = () => {
    setError(undefined);
    onClose();
  };
  const start = async () => {
    setPending(true);
    setError(undefined);
    try {
      await onStart(jobOf(kind, models, prefix.trim()));
      close();
    } catch (failure) {
      setError(failure);
    } finally {
      setPending(false);
    }
  };
  const actions = (
    <>
      <Button look="quiet" onPress={close}>
        {common.cancel}
      </Button>
      <Button
        look="primary"
        isPending={isPending}
        isDisabled={kind === 'BATCH' && prefix.trim() === ''}
        onPress={() => void start()}
      >
        {jobs.begin}
      </Button>
    </>
  );
  return (
    <Dialog isOpen={isOpen} onClose={close} title={jobs.startTitle} actions={actions}>
      <Select
        label={jobs.kind}
        value={kind}
        options={KINDS.map(id => ({ id, label: jobs.kinds[id] }))}
        onChange={id => setKind(KINDS.find(known => known === id) ?? kind)}
      />
      <p className="hint">{jobs.hints[kind]}</p>
      {kind === 'REINDEX' && (
        <RadioGroup
          label={jobs.models}
          value={models}
          onChange={setModels}
          options={[
            { id: 'all', label: jobs.allModels },
            { id: 'others', label: jobs.otherModels },
          ]}
        />
      )}
      {kind === 'BATCH' && (
        <TextField label={jobs.prefix} description={jobs.prefixHint} value={prefix} onChange={setPrefix} />
      )}
      {error !== undefined && (
        <p className="trouble" role="alert">
          {message}
        </p>
      )}
    </Dialog>
  );
}

function jobOf(kind: (typeof KINDS)[number], models: 'all' | 'others', prefix: string): NewJob {
  switch (kind) {
    case 'INCREMENTAL':
      return { kind };
    case 'REINDEX':
      return { kind, models };
    case 'BATCH':
      return { kind, prefix };
  }
}
