import { Button } from 'react-aria-components/Button';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { SearchField as AriaSearchField } from 'react-aria-components/SearchField';
import { Icon } from './icons.tsx';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

/** Escape empties it. */
export const SearchField = ({ label, value, onChange }: SearchFieldProps) => (
  <AriaSearchField className="field search-field" value={value} onChange={onChange}>
    <Label className="field__label">{label}</Label>
    <div className="search-field__box">
      <Icon name="search" size={17} />
      <Input className="field__input" />
      {value !== '' && (
        <Button className="search-field__clear">
          <Icon name="close" size={16} />
        </Button>
      )}
    </div>
  </AriaSearchField>
);
