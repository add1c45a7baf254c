import { Button } from 'react-aria-components/Button';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select';
import { Icon } from './icons.tsx';

export interface SelectProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly value: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly onChange: (id: string) => void;
  readonly isDisabled?: boolean;
}

/** One of a few. */
export function Select({ label, isLabelHidden, value, options, onChange, isDisabled }: SelectProps) {
  return (
    <AriaSelect
      className="field"
      value={value}
      isDisabled={isDisabled ?? false}
      onChange={key => key !== null && onChange(String(key))}
    >
      <Label className={isLabelHidden ? 'visually-hidden' : 'field__label'}>{label}</Label>
      <Button className="field__input field__input--select">
        <SelectValue>{({ selectedText }) => selectedText}</SelectValue>
        <Icon name="chevron" size={16} />
      </Button>
      <Popover className="popover" offset={4}>
        <ListBox className="menu" items={options}>
          {option => (
            <ListBoxItem id={option.id} textValue={option.label} className="menu__item">
              {({ isSelected }) => (
                <>
                  <span className="menu__check">{isSelected && <Icon name="check" size={16} />}</span>
                  <span>{option.label}</span>
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
