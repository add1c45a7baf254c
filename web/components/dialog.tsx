import type { ReactNode } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { useStrings } from '../strings/strings.tsx';
import { Button, IconButton } from './button.tsx';

export interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** `sheet` comes from the side, for long content. @default 'middle' */
  readonly form?: 'small' | 'middle' | 'wide' | 'sheet' | 'drawer';
  readonly children: ReactNode;
  /** Buttons at its end. */
  readonly actions?: ReactNode;
}

/** Keeps the focus inside, and gives it back where it came from. */
export function Dialog({ isOpen, onClose, title, form = 'middle', children, actions }: DialogProps) {
  const { common } = useStrings();
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={open => !open && onClose()}
      isDismissable
      className={`overlay overlay--${form}`}
    >
      <Modal className={`dialog dialog--${form}`}>
        <AriaDialog className="dialog__box">
          <header className="dialog__head">
            <Heading slot="title" className="dialog__title">
              {title}
            </Heading>
            <IconButton icon="close" label={common.close} onPress={onClose} />
          </header>
          <div className="dialog__body">{children}</div>
          {actions && <footer className="dialog__actions">{actions}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface ConfirmDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** What the button says that does it. */
  readonly action: string;
  readonly isDangerous?: boolean;
  readonly isPending?: boolean;
  readonly onConfirm: () => void;
}

/** Asks before something is done that cannot be taken back. */
export function ConfirmDialog({ action, isDangerous, isPending, onConfirm, ...dialog }: ConfirmDialogProps) {
  const { common } = useStrings();
  const actions = (
    <>
      <Button look="quiet" onPress={dialog.onClose}>
        {common.cancel}
      </Button>
      <Button look={isDangerous ? 'danger' : 'primary'} isPending={isPending ?? false} onPress={onConfirm}>
        {action}
      </Button>
    </>
  );
  return <Dialog {...dialog} form="small" actions={actions} />;
}
