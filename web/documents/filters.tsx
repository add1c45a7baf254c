import type { DocumentFilter, DocumentStatus } from '../api/documents.ts';
import { Button } from '../components/button.tsx';
import { SearchField } from '../components/search-field.tsx';
import { Select } from '../components/select.tsx';
import { useDocumentStrings } from '../strings/documents.ts';
import { shownKey } from './document-list.ts';

export interface Chosen {
  readonly search: string;
  readonly filter: DocumentFilter;
}

interface FiltersProps {
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
  /** Prefixes of keys that there are. */
  readonly folders: readonly string[];
  readonly formats: readonly string[];
}

const ANY = 'any';
const STATUSES: readonly DocumentStatus[] = ['PENDING', 'PROCESSING', 'COMPLETED', 'FAILED'];

export function Filters({ chosen, onChoose, folders, formats }: FiltersProps) {
  const { filters, status } = useDocumentStrings();
  const { search, filter } = chosen;
  const narrow = (change: DocumentFilter) => onChoose({ search, filter: { ...filter, ...change } });
  const any = { id: ANY, label: filters.any };
  const isNarrowed = search !== '' || Object.values(filter).some(value => value !== undefined);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is not known to all browsers that the page supports
    <div className="filters" role="search" aria-label={filters.label}>
      <SearchField label={filters.search} value={search} onChange={text => onChoose({ search: text, filter })} />
      <Select
        label={filters.status}
        value={filter.status ?? ANY}
        options={[any, ...STATUSES.map(id => ({ id, label: status[id] }))]}
        onChange={id => narrow({ status: STATUSES.find(known => known === id) })}
      />
      <Select
        label={filters.folder}
        value={filter.prefix ?? ANY}
        options={[any, ...withChosen(folders, filter.prefix).map(id => ({ id, label: shownKey(id) }))]}
        onChange={id => narrow({ prefix: id === ANY ? undefined : id })}
      />
      <Select
        label={filters.format}
        value={filter.format ?? ANY}
        options={[any, ...withChosen(formats, filter.format).map(id => ({ id, label: id.toUpperCase() }))]}
        onChange={id => narrow({ format: id === ANY ? undefined : id })}
      />
      {isNarrowed && (
        <Button look="quiet" icon="close" onPress={() => onChoose({ search: '', filter: {} })}>
          {filters.clear}
        </Button>
      )}
    </div>
  );
}

const withChosen = (values: readonly string[], chosen: string | undefined): readonly string[] =>
  chosen === undefined || values.includes(chosen) ? values : [chosen, ...values];
