import { useStrings } from '../strings/strings.tsx';

export function ChatPage(_: { conversationId?: string }) {
  const { chat } = useStrings();
  return <h1>{chat.greeting}</h1>;
}
