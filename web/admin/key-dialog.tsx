import { useState } from 'react';
import type { AdministrationApi, NewApiKey } from '../api/administration.ts';
import { CopyButton } from '../chat/copy-button.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { useErrorMessage } from '../components/error-message.ts';
import { Select } from '../components/select.tsx';
import { TextField } from '../components/text-field.tsx';
import { groupsIn } from '../documents/metadata-fields.ts';
import { useAdministrationStrings } from '../strings/administration.ts';
import { useStrings } from '../strings/strings.tsx';

interface KeyDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onCreate: (key: Parameters<AdministrationApi['createKey']>[0]) => Promise<NewApiKey>;
}

const ROLES = ['reader', 'contributor', 'administrator'] as const;
const DAYS = ['7', '30', '90', '180', '366'];

/** Says what the key is for and what it may do; then shows it, this one time. */
export function KeyDialog({ isOpen, onClose, onCreate }: KeyDialogProps) {
  const { keys } = useAdministrationStrings();
  const [created, setCreated] = useState<NewApiKey>();
  const close = () => {
    setCreated(undefined);
    onClose();
  };
  if (created) return <CreatedDialog created={created} isOpen={isOpen} onClose={close} />;
  return (
    <Dialog isOpen={isOpen} onClose={close} title={keys.createTitle}>
      <KeyForm onClose={close} onCreate={async key => setCreated(await onCreate(key))} />
    </Dialog>
  );
}

function CreatedDialog({ created, isOpen, onClose }: { created: NewApiKey; isOpen: boolean; onClose: () => void }) {
  const { keys } = useAdministrationStrings();
  const { common } = useStrings();
  const actions = (
    <Button look="primary" onPress={onClose}>
      {keys.done}
    </Button>
  );
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={keys.created} actions={actions}>
      <p role="alert">{keys.createdLead}</p>
      <div className="new-key">
        <code>{created.key}</code>
        <CopyButton text={created.key} label={common.copy} />
      </div>
    </Dialog>
  );
}

interface KeyFormProps {
  readonly onClose: () => void;
  readonly onCreate: (key: Parameters<AdministrationApi['createKey']>[0]) => Promise<void>;
}

function KeyForm({ onClose, onCreate }: KeyFormProps) {
  const { keys } = useAdministrationStrings();
  const { common, shell } = useStrings();
  const [name, setName] = useState('');
  const [role, setRole] = useState<(typeof ROLES)[number]>('reader');
  const [groups, setGroups] = useState('');
  const [days, setDays] = useState('90');
  const [isTried, setTried] = useState(false);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const message = useErrorMessage(error);
  const create = async () => {
    setTried(true);
    if (name.trim() === '') return;
    setPending(true);
    setError(undefined);
    try {
      await onCreate({ name: name.trim(), role, groups: groupsIn(groups), expiresInDays: Number(days) });
    } catch (failure) {
      setError(failure);
      setPending(false);
    }
  };
  return (
    <form
      className="form"
      noValidate
      onSubmit={event => {
        event.preventDefault();
        void create();
      }}
    >
      <TextField
        label={keys.name}
        value={name}
        onChange={setName}
        maxLength={100}
        autoFocus
        {...(isTried && name.trim() === '' && { error: keys.nameFault })}
      />
      <Select
        label={keys.role}
        value={role}
        options={ROLES.map(id => ({ id, label: shell.roles[id] }))}
        onChange={id => setRole(ROLES.find(known => known === id) ?? role)}
      />
      <TextField label={keys.groups} description={keys.groupsHint} value={groups} onChange={setGroups} />
      <Select
        label={keys.days}
        value={days}
        options={DAYS.map(id => ({ id, label: keys.daysOf(id) }))}
        onChange={setDays}
      />
      {error !== undefined && (
        <p className="trouble" role="alert">
          {message}
        </p>
      )}
      <div className="form__actions">
        <Button look="quiet" onPress={onClose}>
          {common.cancel}
        </Button>
        <Button type="submit" look="primary" isPending={isPending}>
          {keys.create}
        </Button>
      </div>
    </form>
  );
}
