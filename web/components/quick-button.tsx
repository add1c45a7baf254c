import type { ComponentProps } from 'react';
import { Icon, type IconName } from './icons.tsx';

interface QuickButtonProps extends Omit<ComponentProps<'button'>, 'children' | 'className' | 'type'> {
  readonly icon: IconName;
  /** What it does, for those who do not see it and as its tooltip. */
  readonly label: string;
  readonly className?: string;
}

/** An `IconButton` without React Aria's weight, for what stands in every turn: a conversation may have hundreds. */
export const QuickButton = ({ icon, label, className = '', ...props }: QuickButtonProps) => (
  <button {...props} type="button" aria-label={label} data-hint={label} className={`quick ${className}`}>
    <Icon name={icon} size={17} />
  </button>
);
