import { Button, IconButton } from '../components/button.tsx';
import { Select } from '../components/select.tsx';
import { TextField } from '../components/text-field.tsx';
import { useDocumentStrings } from '../strings/documents.ts';
import { useStrings } from '../strings/strings.tsx';
import type { AttributeField, FieldFault, FieldType } from './metadata-fields.ts';

interface AttributeEditorProps {
  readonly fields: readonly AttributeField[];
  readonly faults: ReadonlyMap<number, FieldFault>;
  readonly onChange: (fields: readonly AttributeField[]) => void;
}

const TYPES: readonly FieldType[] = ['text', 'number', 'boolean', 'list'];

export function AttributeEditor({ fields, faults, onChange }: AttributeEditorProps) {
  const { access } = useDocumentStrings();
  const add = () => {
    const id = Math.max(-1, ...fields.map(field => field.id)) + 1;
    onChange([...fields, { id, name: '', type: 'text', value: '' }]);
  };
  const set = (id: number, change: Partial<AttributeField>) =>
    onChange(fields.map(field => (field.id === id ? { ...field, ...change } : field)));
  return (
    <fieldset className="attributes">
      <legend className="field__label">{access.attributes}</legend>
      <p className="hint">{fields.length === 0 ? access.none : access.attributesHint}</p>
      {fields.map(field => (
        <AttributeRow
          key={field.id}
          field={field}
          fault={faults.get(field.id)}
          onChange={change => set(field.id, change)}
          onRemove={() => onChange(fields.filter(({ id }) => id !== field.id))}
        />
      ))}
      <Button size="small" icon="plus" onPress={add}>
        {access.add}
      </Button>
    </fieldset>
  );
}

interface AttributeRowProps {
  readonly field: AttributeField;
  readonly fault: FieldFault | undefined;
  readonly onChange: (change: Partial<AttributeField>) => void;
  readonly onRemove: () => void;
}

function AttributeRow({ field: { name, type, value }, fault, onChange, onRemove }: AttributeRowProps) {
  const { access } = useDocumentStrings();
  const { common } = useStrings();
  const isOfName = fault === 'name' || fault === 'twice';
  return (
    <div className="attribute">
      <TextField
        label={access.name}
        value={name}
        onChange={text => onChange({ name: text })}
        {...(fault && isOfName && { error: access.faults[fault] })}
      />
      <Select
        label={access.type}
        value={type}
        options={TYPES.map(id => ({ id, label: access.types[id] }))}
        onChange={id => {
          const chosen = TYPES.find(known => known === id) ?? type;
          onChange({ type: chosen, ...(chosen === 'boolean' && { value: 'true' }) });
        }}
      />
      {type === 'boolean' ? (
        <Select
          label={access.value}
          value={value === 'true' ? 'true' : 'false'}
          options={[
            { id: 'true', label: common.yes },
            { id: 'false', label: common.no },
          ]}
          onChange={text => onChange({ value: text })}
        />
      ) : (
        <TextField
          label={access.value}
          value={value}
          rows={type === 'list' ? 3 : 1}
          {...(type === 'list' && { description: access.listHint })}
          onChange={text => onChange({ value: text })}
          {...(fault && !isOfName && { error: access.faults[fault] })}
        />
      )}
      <IconButton size="small" icon="trash" label={access.remove(name)} onPress={onRemove} />
    </div>
  );
}
