import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField as AriaTextField, type TextFieldProps as AriaTextFieldProps } from 'react-aria-components/TextField';

export interface TextFieldProps extends Omit<AriaTextFieldProps, 'className' | 'style' | 'children'> {
  readonly label: string;
  /** Shown only to those who do not see the field. */
  readonly isLabelHidden?: boolean;
  readonly description?: string;
  /** What is wrong with it; it is marked invalid then. */
  readonly error?: string;
  readonly placeholder?: string;
  /** More than 1 makes it a text area. */
  readonly rows?: number;
}

/** A line, or some lines, of text. */
export function TextField({
  label,
  isLabelHidden,
  description,
  error,
  placeholder,
  rows = 1,
  ...props
}: TextFieldProps) {
  const hint = placeholder === undefined ? {} : { placeholder };
  return (
    <AriaTextField {...props} isInvalid={props.isInvalid ?? error !== undefined} className="field">
      <Label className={isLabelHidden ? 'visually-hidden' : 'field__label'}>{label}</Label>
      {rows > 1 ? (
        <TextArea className="field__input" rows={rows} {...hint} />
      ) : (
        <Input className="field__input" {...hint} />
      )}
      {description && (
        <Text slot="description" className="field__description">
          {description}
        </Text>
      )}
      <FieldError className="field__error">{error}</FieldError>
    </AriaTextField>
  );
}
