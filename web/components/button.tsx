import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';
import { Link as AriaLink, type LinkProps as AriaLinkProps } from 'react-aria-components/Link';
import { Icon, type IconName } from './icons.tsx';
import { Hint } from './tooltip.tsx';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style'> {
  /** `primary` is what a view is for, once a view; `quiet` has no frame. @default 'plain' */
  readonly look?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly size?: 'small' | 'medium';
  readonly icon?: IconName;
  readonly className?: string;
}

export function Button({ look = 'plain', size = 'medium', icon, className = '', children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={`button button--${look} button--${size} ${className}`}>
      {values => (
        <>
          {icon && <Icon name={icon} size={size === 'small' ? 16 : 18} />}
          {typeof children === 'function' ? children(values) : children}
        </>
      )}
    </AriaButton>
  );
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  readonly icon: IconName;
  /** What it does, for those who do not see it and as its tooltip. */
  readonly label: string;
  readonly size?: 'small' | 'medium';
  readonly look?: 'quiet' | 'primary' | 'plain';
  readonly className?: string;
}

/** A button that shows a picture alone. */
export function IconButton({
  icon,
  label,
  size = 'medium',
  look = 'quiet',
  className = '',
  ...props
}: IconButtonProps) {
  return (
    <Hint text={label}>
      <AriaButton
        {...props}
        aria-label={label}
        className={`button button--${look} button--${size} button--icon ${className}`}
      >
        <Icon name={icon} size={size === 'small' ? 17 : 20} />
      </AriaButton>
    </Hint>
  );
}

export interface LinkButtonProps extends Omit<AriaLinkProps, 'className' | 'style' | 'children'> {
  readonly look?: 'primary' | 'plain' | 'quiet';
  readonly size?: 'small' | 'medium';
  readonly icon?: IconName;
  readonly children: string;
}

/** A link, such as to a route (`#/documents`), that looks like a button. */
export function LinkButton({ look = 'plain', size = 'medium', icon, children, ...props }: LinkButtonProps) {
  return (
    <AriaLink {...props} className={`button button--${look} button--${size}`}>
      {icon && <Icon name={icon} size={size === 'small' ? 16 : 18} />}
      {children}
    </AriaLink>
  );
}
