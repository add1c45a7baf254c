import { useState } from 'react';
import type { Conversation } from '../api/shapes.ts';
import { Button, IconButton } from '../components/button.tsx';
import { ConfirmDialog, Dialog } from '../components/dialog.tsx';
import { errorMessage } from '../components/error-message.ts';
import { Menu } from '../components/menu.tsx';
import { TextField } from '../components/text-field.tsx';
import { notify } from '../components/toast.tsx';
import { navigate, parseRoute } from '../routes.tsx';
import { useApi } from '../services.tsx';
import { useStrings } from '../strings/strings.tsx';
import { useChats } from './chat-context.tsx';
import { exportConversation } from './export-conversation.ts';

type Named = Pick<Conversation, 'conversationId' | 'title'>;

/** Rename, export and delete a conversation. */
export function ConversationMenu({ conversation, size }: { conversation: Named; size?: 'small' | 'medium' }) {
  const strings = useStrings();
  const { chat } = strings;
  const api = useApi();
  const [asked, setAsked] = useState<'rename' | 'delete'>();
  const label = chat.conversationMenu(conversation.title);
  const save = (format: 'markdown' | 'json') =>
    exportConversation(api, conversation, format).catch(error => notify(errorMessage(error, strings), 'bad'));
  const close = () => setAsked(undefined);
  return (
    <>
      <Menu
        label={label}
        trigger={<IconButton size={size ?? 'medium'} icon="more" label={label} />}
        entries={[
          { id: 'rename', label: chat.rename, icon: 'edit', onAction: () => setAsked('rename') },
          { id: 'markdown', label: chat.exportMarkdown, icon: 'download', onAction: () => void save('markdown') },
          { id: 'json', label: chat.exportJson, icon: 'download', onAction: () => void save('json') },
          { id: 'delete', label: chat.remove, icon: 'trash', isDangerous: true, onAction: () => setAsked('delete') },
        ]}
      />
      {asked === 'rename' && <RenameDialog conversation={conversation} onClose={close} />}
      {asked === 'delete' && <DeleteDialog conversation={conversation} onClose={close} />}
    </>
  );
}

interface AskedProps {
  readonly conversation: Named;
  readonly onClose: () => void;
}

function RenameDialog({ conversation: { conversationId, title }, onClose }: AskedProps) {
  const strings = useStrings();
  const { chat, common } = strings;
  const { conversations } = useChats();
  const [name, setName] = useState(title);
  const [error, setError] = useState<unknown>();
  const [isPending, setPending] = useState(false);
  const rename = async () => {
    setPending(true);
    try {
      await conversations.rename(conversationId, name.trim());
      onClose();
    } catch (caught) {
      setError(caught);
      setPending(false);
    }
  };
  const actions = (
    <>
      <Button look="quiet" onPress={onClose}>
        {common.cancel}
      </Button>
      <Button look="primary" type="submit" form="rename" isPending={isPending} isDisabled={name.trim() === ''}>
        {common.save}
      </Button>
    </>
  );
  return (
    <Dialog form="small" title={chat.rename} isOpen onClose={onClose} actions={actions}>
      <form
        id="rename"
        onSubmit={event => {
          event.preventDefault();
          void rename();
        }}
      >
        <TextField
          label={chat.title}
          autoFocus
          maxLength={200}
          value={name}
          onChange={setName}
          {...(error !== undefined && { error: errorMessage(error, strings) })}
        />
      </form>
    </Dialog>
  );
}

function DeleteDialog({ conversation: { conversationId, title }, onClose }: AskedProps) {
  const strings = useStrings();
  const { chat, common } = strings;
  const { conversations, threads } = useChats();
  const [isPending, setPending] = useState(false);
  const remove = async () => {
    setPending(true);
    try {
      await conversations.remove(conversationId);
      threads.forget(conversationId);
      const route = parseRoute(location.hash);
      onClose();
      if (route.name === 'chat' && route.conversationId === conversationId) navigate('#/');
      else document.querySelector('main')?.focus(); // the button that it began with is gone
      notify(chat.removed);
    } catch (error) {
      setPending(false);
      notify(errorMessage(error, strings), 'bad');
    }
  };
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={chat.removeTitle}
      action={common.delete}
      isDangerous
      isPending={isPending}
      onConfirm={() => void remove()}
    >
      <p>{chat.removeText(title)}</p>
    </ConfirmDialog>
  );
}
