import { type ComponentType, useMemo } from 'react';
import { type AdministrationApi, administrationApi } from '../api/administration.ts';
import { LoadingState } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { NotFound } from '../not-found.tsx';
import { navigate } from '../routes.tsx';
import { useApi, useMay, useServices } from '../services.tsx';
import { type AdministrationStrings, useAdministrationStrings } from '../strings/administration.ts';
import { BudgetsSection } from './budgets-section.tsx';
import { FailuresSection } from './failures-section.tsx';
import { JobsSection } from './jobs-section.tsx';
import { KeysSection } from './keys-section.tsx';
import { UsageSection } from './usage-section.tsx';

export interface SectionProps {
  readonly administration: AdministrationApi;
}

const SECTIONS: readonly {
  readonly id: keyof AdministrationStrings['sections'];
  readonly View: ComponentType<SectionProps>;
}[] = [
  { id: 'usage', View: UsageSection },
  { id: 'budgets', View: BudgetsSection },
  { id: 'failures', View: FailuresSection },
  { id: 'jobs', View: JobsSection },
  { id: 'keys', View: KeysSection },
];

/** For administrators; the API refuses everyone else whatever this page shows. */
export default function AdminPage({ section = 'usage' }: { section?: string }) {
  const strings = useAdministrationStrings();
  const { me } = useServices();
  const isAllowed = useMay('administrator');
  const api = useApi();
  const administration = useMemo(() => administrationApi(api), [api]);
  if (!me) return <LoadingState />;
  if (!isAllowed || !SECTIONS.some(({ id }) => id === section)) return <NotFound />;
  return (
    <div className="page">
      <h1>{strings.title}</h1>
      <Tabs
        label={strings.title}
        chosen={section}
        onChoose={id => navigate(`#/admin/${id}`)}
        tabs={SECTIONS.map(({ id, View }) => ({
          id,
          label: strings.sections[id],
          content: <View administration={administration} />,
        }))}
      />
    </div>
  );
}
