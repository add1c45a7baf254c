import type { ReactNode } from 'react';
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components/Tabs';

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly id: string; readonly label: string; readonly content: ReactNode }[];
  readonly chosen?: string;
  readonly onChoose?: (id: string) => void;
}

/** Views of one thing, one at a time. */
export function Tabs({ label, tabs, chosen, onChoose }: TabsProps) {
  return (
    <AriaTabs
      className="tabs"
      {...(chosen !== undefined && { selectedKey: chosen })}
      onSelectionChange={key => onChoose?.(String(key))}
    >
      <TabList className="tabs__list" aria-label={label}>
        {tabs.map(tab => (
          <Tab key={tab.id} id={tab.id} className="tabs__tab">
            {tab.label}
          </Tab>
        ))}
      </TabList>
      {tabs.map(tab => (
        <TabPanel key={tab.id} id={tab.id} className="tabs__panel">
          {tab.content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
