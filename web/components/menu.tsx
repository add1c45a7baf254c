import type { ReactNode } from 'react';
import { Header } from 'react-aria-components/Header';
import { Menu as AriaMenu, MenuItem as AriaMenuItem, MenuSection, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { Icon, type IconName } from './icons.tsx';

export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  readonly icon?: IconName;
  readonly isDangerous?: boolean;
  readonly onAction: () => void;
}

interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactNode;
  readonly label: string;
  readonly entries: readonly MenuEntry[];
}

/** What can be done with a thing, behind a button. */
export function Menu({ trigger, label, entries }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className="popover" offset={6}>
        <AriaMenu className="menu" aria-label={label}>
          {entries.map(({ id, label, icon, isDangerous, onAction }) => (
            <AriaMenuItem
              key={id}
              id={id}
              textValue={label}
              onAction={onAction}
              className={`menu__item ${isDangerous ? 'menu__item--danger' : ''}`}
            >
              {icon && <Icon name={icon} size={18} />}
              <span>{label}</span>
            </AriaMenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

export interface ChoiceSection {
  readonly id: string;
  readonly title: string;
  readonly chosen: string;
  readonly choices: readonly { readonly id: string; readonly label: string }[];
  readonly onChoose: (id: string) => void;
}

interface ChoiceMenuProps extends MenuProps {
  readonly heading?: string;
  readonly sections: readonly ChoiceSection[];
}

/** Settings to choose from, and below them what can be done. */
export function ChoiceMenu({ trigger, label, heading, sections, entries }: ChoiceMenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className="popover" offset={6}>
        {heading && <p className="menu__heading">{heading}</p>}
        <AriaMenu className="menu" aria-label={label}>
          {sections.map(({ id, title, chosen, choices, onChoose }) => (
            <MenuSection
              key={id}
              className="menu__section"
              selectionMode="single"
              disallowEmptySelection
              selectedKeys={[chosen]}
              onSelectionChange={keys => {
                const [key] = keys;
                if (key !== undefined && keys !== 'all') onChoose(String(key));
              }}
            >
              <Header className="menu__title">{title}</Header>
              {choices.map(choice => (
                <AriaMenuItem key={choice.id} id={choice.id} textValue={choice.label} className="menu__item">
                  {({ isSelected }) => (
                    <>
                      <span className="menu__check">{isSelected && <Icon name="check" size={16} />}</span>
                      <span>{choice.label}</span>
                    </>
                  )}
                </AriaMenuItem>
              ))}
            </MenuSection>
          ))}
          {entries.map(({ id, label, icon, onAction }) => (
            <AriaMenuItem key={id} id={id} textValue={label} onAction={onAction} className="menu__item">
              {icon && <Icon name={icon} size={18} />}
              <span>{label}</span>
            </AriaMenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
