import { newestOf } from '../../lambdas/conversation-tree.ts';
import type { ApiClient } from '../api/client.ts';
import { ApiProblem } from '../api/problems.ts';
import type { ChatAnswer, ConversationDetail, Feedback, Filter, GiveFeedback } from '../api/shapes.ts';
import { type ChatEvent, streamAnswer } from '../api/stream-answer.ts';
import { Store } from '../store.ts';
import { lastDone, shownPath, type Turn, type TurnStatus, turnOf } from './turn.ts';

export interface ThreadState {
  /** Undefined until an answer of it is stored. */
  readonly conversationId: string | undefined;
  readonly title: string | undefined;
  /** Of all branches, in the order in which they were asked. */
  readonly turns: readonly Turn[];
  /** The last turn that is shown. */
  readonly tip: string | undefined;
  /** Which documents the next answers may come from; undefined: all that the reader may read. */
  readonly filter: Filter | undefined;
  readonly isLoading: boolean;
  readonly error: unknown;
}

export interface AskOptions {
  /** Goes on from there; null: from the beginning. @default what is shown */
  readonly parentTurnId?: string | null;
  /** A turn without an answer, in whose place it is asked. */
  readonly inPlaceOf?: Turn;
}

/** Turns a page of `GET /conversations/{id}` may have. */
const PAGE = 100;
let lastKey = 0;

/** A conversation, stored or just begun: its turns, and the answer that is coming. */
export class Thread extends Store<ThreadState> {
  readonly key: string;
  readonly #api: ApiClient;
  readonly #onStored: (thread: Thread) => void;
  readonly #nextFrame: (draw: () => void) => void;
  #stop: AbortController | undefined;
  /** Text that has come and is not shown yet. */
  #waiting = '';

  /**
   * @param onStored told whenever an answer was completed
   * @param nextFrame when to show what has come, so that the page is drawn once a frame and not once a word
   */
  constructor(
    api: ApiClient,
    conversationId: string | undefined,
    onStored: (thread: Thread) => void,
    nextFrame: (draw: () => void) => void = draw => requestAnimationFrame(draw),
  ) {
    const isLoading = conversationId !== undefined;
    super({
      conversationId,
      title: undefined,
      turns: [],
      tip: undefined,
      filter: undefined,
      isLoading,
      error: undefined,
    });
    lastKey += 1;
    this.key = `thread-${lastKey}`;
    this.#api = api;
    this.#onStored = onStored;
    this.#nextFrame = nextFrame;
  }

  get isRunning(): boolean {
    return this.#stop !== undefined;
  }

  /** Reads all turns, page by page. */
  async load(): Promise<void> {
    const path = `conversations/${this.state.conversationId}`;
    this.change({ isLoading: true, error: undefined });
    try {
      const turns: Turn[] = [];
      let tip: string | undefined;
      let cursor: string | undefined;
      do {
        const page: ConversationDetail = await this.#api.json(path, { query: { limit: PAGE, cursor } });
        turns.push(...page.turns.map(turnOf));
        tip ??= page.newestPath?.at(-1);
        cursor = page.cursor;
        this.change({ title: page.title });
      } while (cursor);
      this.change({ turns, tip: tip ?? newestOf(turns)?.turnId, isLoading: false });
    } catch (error) {
      this.change({ error, isLoading: false });
    }
  }

  /**
   * Asks, and fills the turn as the answer comes. It never throws: what goes wrong is the turn's status.
   * @returns that status at the end; undefined when an answer is coming already, so that nothing was asked
   */
  async ask(question: string, { parentTurnId, inPlaceOf }: AskOptions = {}): Promise<TurnStatus | undefined> {
    if (this.#stop) return undefined;
    const parent = parentTurnId === undefined ? (lastDone(this.#path())?.turnId ?? null) : parentTurnId;
    const key = this.#begin(question, parent, inPlaceOf);
    const { conversationId, filter } = this.state;
    const stop = new AbortController();
    this.#stop = stop;
    try {
      const place = conversationId ? { conversationId, parentTurnId: parent } : {};
      const events = streamAnswer(this.#api, { message: question, ...place, ...(filter && { filter }) }, stop.signal);
      for await (const event of events) this.#follow(key, event);
    } catch (error) {
      this.#flush(key);
      this.#change(key, { status: stop.signal.aborted ? { kind: 'stopped' } : failure(error) });
    } finally {
      this.#stop = undefined;
      this.change({});
    }
    return this.state.turns.find(turn => turn.key === key)?.status;
  }

  /** What has come of the answer stays, though it is not stored. */
  stop(): void {
    this.#stop?.abort();
  }

  show(tip: string): void {
    this.change({ tip });
  }

  narrow(filter: Filter | undefined): void {
    this.change({ filter });
  }

  /** @throws what the API client throws */
  async giveFeedback({ key, turnId }: Turn, feedback: GiveFeedback | undefined): Promise<void> {
    const path = `conversations/${this.state.conversationId}/turns/${turnId}/feedback`;
    if (feedback) {
      const given: Feedback = await this.#api.json(path, { method: 'POST', body: feedback });
      this.#change(key, { feedback: given });
      return;
    }
    await this.#api.send(path, { method: 'DELETE' });
    this.#change(key, { feedback: undefined });
  }

  #path(): Turn[] {
    return shownPath(this.state.turns, this.state.tip);
  }

  #begin(question: string, parent: string | null, inPlaceOf: Turn | undefined): string {
    lastKey += 1;
    const key = `turn-${lastKey}`;
    const turn: Turn = {
      key,
      turnId: key,
      parentTurnId: parent ?? undefined,
      question,
      answer: '',
      citations: [],
      refused: false,
      grounded: false,
      createdAt: new Date().toISOString(),
      status: { kind: 'asking' },
    };
    const others = this.state.turns.filter(other => other.key !== inPlaceOf?.key);
    this.change({ turns: [...others, turn], tip: key, title: this.state.title ?? question });
    return key;
  }

  #follow(key: string, event: ChatEvent): void {
    switch (event.type) {
      case 'started':
        this.#identify(key, event.turnId, event.parentTurnId);
        break;
      case 'sources':
        this.#change(key, { status: { kind: 'asking', sources: event.count } });
        break;
      case 'text':
        this.#waiting += event.text;
        if (this.#waiting === event.text) this.#nextFrame(() => this.#flush(key));
        break;
      case 'citation':
        this.#change(key, turn => ({ citations: [...turn.citations, event.citation] }));
        break;
      case 'completed':
        this.#complete(key, event.answer);
    }
  }

  #complete(key: string, { conversationId, turnId: _turn, parentTurnId: _parent, ...answer }: ChatAnswer): void {
    this.#waiting = '';
    this.#change(key, { ...answer, status: { kind: 'done' } });
    this.change({ conversationId });
    this.#onStored(this);
  }

  #flush(key: string): void {
    const text = this.#waiting;
    this.#waiting = '';
    if (text !== '') this.#change(key, turn => ({ answer: turn.answer + text, status: { kind: 'answering' } }));
  }

  /** A question that raced with another of the same conversation may have got another parent than it was sent with. */
  #identify(key: string, turnId: string, parentTurnId: string | undefined): void {
    this.#change(key, { turnId, parentTurnId });
    if (this.state.tip === key) this.change({ tip: turnId });
  }

  #change(key: string, change: Partial<Turn> | ((turn: Turn) => Partial<Turn>)): void {
    const apply = (turn: Turn) => ({ ...turn, ...(typeof change === 'function' ? change(turn) : change) });
    this.change(({ turns, ...state }) => ({
      ...state,
      turns: turns.map(turn => (turn.key === key ? apply(turn) : turn)),
    }));
  }
}

function failure(error: unknown): Turn['status'] {
  const seconds = error instanceof ApiProblem ? error.retryAfterSeconds : undefined;
  return { kind: 'failed', error, ...(seconds !== undefined && { retryAt: Date.now() + seconds * 1000 }) };
}
