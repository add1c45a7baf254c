import { useCallback, useState } from 'react';
import type { DocumentList, DocumentSummary, Filter } from '../api/shapes.ts';
import { useQuery } from '../api/use-query.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Select } from '../components/select.tsx';
import { ErrorState, LoadingState } from '../components/states.tsx';
import { useApi } from '../services.tsx';
import { useStrings } from '../strings/strings.tsx';
import { type Distinctions, distinctionsOf, filterOf } from './filter.ts';

interface FilterDialogProps {
  readonly filter: Filter | undefined;
  readonly onChange: (filter: Filter | undefined) => void;
  readonly onClose: () => void;
}

/** Documents that are looked at for what can be chosen. */
const LOOKED_AT = 300;
/** No choice: an id that no value of an attribute can have. */
const ANY = '\u0000';
type Value = string | number | boolean;

export default function FilterDialog({ filter, onChange, onClose }: FilterDialogProps) {
  const { chat } = useStrings();
  const api = useApi();
  const { data, error, reload } = useQuery(useCallback((signal: AbortSignal) => readDistinctions(api, signal), [api]));
  return (
    <Dialog title={chat.filter.title} isOpen onClose={onClose}>
      {data && <FilterForm known={data} filter={filter} onChange={onChange} onClose={onClose} />}
      {!data && (error ? <ErrorState error={error} onRetry={reload} /> : <LoadingState />)}
    </Dialog>
  );
}

function FilterForm({ known, filter, onChange, onClose }: FilterDialogProps & { known: Distinctions }) {
  const { chat, common } = useStrings();
  const [folder, setFolder] = useState(filter?.folder ?? ANY);
  const [values, setValues] = useState<ReadonlyMap<string, Value>>(() => valuesIn(filter));
  const apply = (next: Filter | undefined) => {
    onChange(next);
    onClose();
  };
  const choose = (name: string, value: Value | undefined) =>
    setValues(before => {
      const next = new Map(before);
      if (value === undefined) next.delete(name);
      else next.set(name, value);
      return next;
    });
  const any = { id: ANY, label: common.all };
  return (
    <form
      className="form"
      onSubmit={event => {
        event.preventDefault();
        apply(filterOf(folder === ANY ? '' : folder, values));
      }}
    >
      <p className="hint">{chat.filter.hint}</p>
      <Select
        label={chat.filter.folder}
        value={folder}
        options={[any, ...known.folders.map(each => ({ id: each, label: each.replace(/^documents\//, '') }))]}
        onChange={setFolder}
      />
      {[...known.attributes].map(([name, options]) => (
        <Select
          key={name}
          label={name}
          value={values.has(name) ? String(values.get(name)) : ANY}
          options={[any, ...options.map(value => ({ id: String(value), label: String(value) }))]}
          onChange={id =>
            choose(
              name,
              options.find(value => String(value) === id),
            )
          }
        />
      ))}
      <div className="form__actions">
        <Button look="quiet" onPress={() => apply(undefined)}>
          {chat.filter.clear}
        </Button>
        <Button look="primary" type="submit">
          {chat.filter.apply}
        </Button>
      </div>
    </form>
  );
}

const valuesIn = (filter: Filter | undefined): Map<string, Value> =>
  new Map(
    Object.entries(filter?.attributes ?? {}).flatMap(([name, { equals }]) =>
      equals === undefined ? [] : [[name, equals] as const],
    ),
  );

async function readDistinctions(api: ReturnType<typeof useApi>, signal: AbortSignal): Promise<Distinctions> {
  const documents: DocumentSummary[] = [];
  let cursor: string | undefined;
  do {
    const page: DocumentList = await api.json('documents', { query: { limit: 100, cursor }, signal });
    documents.push(...page.documents);
    cursor = page.cursor;
  } while (cursor && documents.length < LOOKED_AT);
  return distinctionsOf(documents);
}
