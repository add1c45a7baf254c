import { AccountMenu } from './account-menu.tsx';
import type { Me } from './api/me.ts';
import { useChats } from './chat/chat-context.tsx';
import { ConversationList } from './chat/conversation-list.tsx';
import { LinkButton } from './components/button.tsx';
import { Icon, type IconName, Logo } from './components/icons.tsx';
import type { Route } from './routes.tsx';
import { useMay } from './services.tsx';
import { useStrings } from './strings/strings.tsx';

interface Section {
  readonly route: 'documents' | 'admin';
  readonly label: 'documents' | 'administration';
  readonly icon: IconName;
  readonly role: Me['role'];
}
/** What is reached beside the chat, and the role that it takes. */
const SECTIONS: readonly Section[] = [
  { route: 'documents', label: 'documents', icon: 'folder', role: 'reader' },
  { route: 'admin', label: 'administration', icon: 'chart', role: 'administrator' },
];

interface SidebarProps {
  readonly route: Route;
  readonly isInDrawer?: boolean;
}

export function Sidebar({ route, isInDrawer }: SidebarProps) {
  const { brand, chat, shell } = useStrings();
  const { threads } = useChats();
  return (
    <div className="sidebar">
      {!isInDrawer && (
        <a className="sidebar__brand" href="#/">
          <Logo />
          <span>{brand}</span>
        </a>
      )}
      <LinkButton look="plain" icon="plus" href="#/" onPress={() => threads.begin()}>
        {chat.newConversation}
      </LinkButton>
      <ConversationList chosen={route.name === 'chat' ? route.conversationId : undefined} />
      {SECTIONS.length > 0 && (
        <nav className="sidebar__sections" aria-label={shell.sections}>
          {SECTIONS.map(section => (
            <SectionLink key={section.route} {...section} isCurrent={route.name === section.route} />
          ))}
        </nav>
      )}
      <AccountMenu />
    </div>
  );
}

function SectionLink({ route, label, icon, role, isCurrent }: Section & { isCurrent: boolean }) {
  const { shell } = useStrings();
  if (!useMay(role)) return null;
  return (
    <a className="sidebar__link" href={`#/${route}`} aria-current={isCurrent ? 'page' : undefined}>
      <Icon name={icon} />
      {shell[label]}
    </a>
  );
}
