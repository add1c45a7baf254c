import { Label } from 'react-aria-components/Label';
import { RadioGroup as AriaRadioGroup, Radio } from 'react-aria-components/RadioGroup';

interface RadioGroupProps<Id extends string> {
  readonly label: string;
  readonly value: Id;
  readonly options: readonly { readonly id: Id; readonly label: string }[];
  readonly onChange: (id: Id) => void;
}

/** One of two or three, all in sight. */
export function RadioGroup<Id extends string>({ label, value, options, onChange }: RadioGroupProps<Id>) {
  const choose = (chosen: string) => {
    const option = options.find(({ id }) => id === chosen);
    if (option) onChange(option.id);
  };
  return (
    <AriaRadioGroup className="field" value={value} onChange={choose}>
      <Label className="field__label">{label}</Label>
      <div className="radios">
        {options.map(option => (
          <Radio key={option.id} value={option.id} className="radio">
            <span className="radio__mark" aria-hidden="true" />
            {option.label}
          </Radio>
        ))}
      </div>
    </AriaRadioGroup>
  );
}
