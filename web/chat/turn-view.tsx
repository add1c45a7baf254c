import { memo, useState } from 'react';
import type { GiveFeedback } from '../api/shapes.ts';
import { Button } from '../components/button.tsx';
import { QuickButton } from '../components/quick-button.tsx';
import { TextField } from '../components/text-field.tsx';
import { useStrings } from '../strings/strings.tsx';
import { Answer } from './answer.tsx';
import { AnswerActions } from './answer-actions.tsx';
import { isRunning, type Turn } from './turn.ts';

/** What can be done with a turn. All keep their identity, so that turns are rendered only when they change. */
export interface TurnDeeds {
  readonly ask: (turn: Turn, question: string) => void;
  readonly show: (turn: Turn) => void;
  readonly openSource: (turn: Turn, n: number) => void;
  /** Undefined takes it back. */
  readonly giveFeedback: (turn: Turn, feedback: GiveFeedback | undefined) => Promise<void>;
}

interface TurnViewProps {
  readonly turn: Turn;
  /** The branch that was asked before it at the same place, and the one after it. */
  readonly before: Turn | undefined;
  readonly after: Turn | undefined;
  /** E.g. `2/3`; empty where there is but one. */
  readonly position: string;
  readonly deeds: TurnDeeds;
}

/** A question with its answer. */
export const TurnView = memo(({ turn, before, after, position, deeds }: TurnViewProps) => {
  const [isEditing, setEditing] = useState(false);
  const headingId = `q-${turn.key}`;
  const again = () => deeds.ask(turn, turn.question);
  return (
    <article className="turn" aria-labelledby={headingId}>
      {isEditing ? (
        <QuestionEditor
          question={turn.question}
          onCancel={() => setEditing(false)}
          onAsk={question => {
            setEditing(false);
            deeds.ask(turn, question);
          }}
        />
      ) : (
        <div className="question">
          <h2 className="question__text" id={headingId}>
            {turn.question}
          </h2>
          <div className="question__tools">
            <Branches before={before} after={after} position={position} onShow={deeds.show} />
            <EditButton onPress={() => setEditing(true)} />
          </div>
        </div>
      )}
      <Answer turn={turn} onOpenSource={deeds.openSource} onRetry={again} />
      {!isRunning(turn) && turn.answer !== '' && (
        <AnswerActions turn={turn} onAgain={again} onFeedback={deeds.giveFeedback} />
      )}
    </article>
  );
});

function EditButton({ onPress }: { onPress: () => void }) {
  const { chat } = useStrings();
  return <QuickButton icon="edit" label={chat.edit} className="when-idle" onClick={onPress} />;
}

interface BranchesProps {
  readonly before: Turn | undefined;
  readonly after: Turn | undefined;
  readonly position: string;
  readonly onShow: (turn: Turn) => void;
}

function Branches({ before, after, position, onShow }: BranchesProps) {
  const { chat } = useStrings();
  if (position === '') return null;
  return (
    <div className="branches">
      <QuickButton icon="left" label={chat.branchBefore} disabled={!before} onClick={() => before && onShow(before)} />
      <span>
        <span className="visually-hidden">{chat.branch}</span> {position}
      </span>
      <QuickButton icon="right" label={chat.branchAfter} disabled={!after} onClick={() => after && onShow(after)} />
    </div>
  );
}

interface QuestionEditorProps {
  readonly question: string;
  readonly onCancel: () => void;
  readonly onAsk: (question: string) => void;
}

function QuestionEditor({ question, onCancel, onAsk }: QuestionEditorProps) {
  const { chat, common } = useStrings();
  const [text, setText] = useState(question);
  const ask = () => text.trim() !== '' && onAsk(text.trim());
  return (
    <form
      className="editor"
      onSubmit={event => {
        event.preventDefault();
        ask();
      }}
      onKeyDown={event => event.key === 'Escape' && onCancel()}
    >
      <TextField label={chat.edit} isLabelHidden rows={3} autoFocus maxLength={4_000} value={text} onChange={setText} />
      <div className="editor__tools">
        <span className="hint">{chat.editHint}</span>
        <Button size="small" look="quiet" onPress={onCancel}>
          {common.cancel}
        </Button>
        <Button size="small" look="primary" isDisabled={text.trim() === ''} onPress={ask}>
          {chat.send}
        </Button>
      </div>
    </form>
  );
}
