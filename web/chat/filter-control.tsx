import { lazy, Suspense, useState } from 'react';
import type { Filter } from '../api/shapes.ts';
import { Button } from '../components/button.tsx';
import { useStrings } from '../strings/strings.tsx';
import { describeFilter } from './filter.ts';

const FilterDialog = lazy(() => import('./filter-dialog.tsx'));

interface FilterControlProps {
  readonly filter: Filter | undefined;
  readonly onChange: (filter: Filter | undefined) => void;
}

/** Which documents the answer may come from: says so, and opens the way to change it. */
export function FilterControl({ filter, onChange }: FilterControlProps) {
  const { chat } = useStrings();
  const [isOpen, setOpen] = useState(false);
  const parts = describeFilter(filter);
  return (
    <>
      <Button
        size="small"
        look="quiet"
        icon="filter"
        className={parts.length > 0 ? 'filter filter--set' : 'filter'}
        onPress={() => setOpen(true)}
      >
        {parts.length === 0 ? chat.filter.everything : parts.join(' · ')}
      </Button>
      <Suspense>
        {isOpen && <FilterDialog filter={filter} onClose={() => setOpen(false)} onChange={onChange} />}
      </Suspense>
    </>
  );
}
