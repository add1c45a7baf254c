export function ConversationList(_: { chosen?: string | undefined }) {
  return <div className="sidebar__list" />;
}
