/** Timers cannot wait longer than this; it is far more than a long poll lasts. */
const MAX_TIMER_MS = 60_000;

export interface PollSource<Message> {
  /** Takes what is visible in the queue now; throws when the queue is gone. */
  take(queue: string, max: number, visibilitySeconds: number | undefined): Message[];
  /** Milliseconds until the next hidden message becomes visible. */
  nextVisibleInMs(queue: string): number | undefined;
}
export interface PollRequest {
  readonly max: number;
  /** @default the queue's own timeout */
  readonly visibilitySeconds?: number | undefined;
  readonly waitMs: number;
  /** Ends the wait without messages: the receiver has gone away. */
  readonly signal: AbortSignal;
}
interface Waiter<Message> {
  readonly request: PollRequest;
  settle(messages: Message[]): void;
  reject(error: unknown): void;
}

/**
 * Receivers that wait for messages, the longest waiting served first. They are woken by whoever makes a message
 * visible (`wake`), and by one timer a queue for the message that becomes visible next; nothing polls.
 */
export class LongPolls<Message> {
  readonly #source: PollSource<Message>;
  readonly #waiters = new Map<string, Set<Waiter<Message>>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(source: PollSource<Message>) {
    this.#source = source;
  }

  /** @returns up to `max` messages; none when the time is over or the signal is aborted */
  async receive(queue: string, request: PollRequest): Promise<Message[]> {
    if (request.signal.aborted) return [];
    const messages = this.#source.take(queue, request.max, request.visibilitySeconds);
    if (messages.length > 0 || request.waitMs <= 0) return messages;
    return this.#wait(queue, request);
  }

  /** To be called when messages of the queue have become visible, or the queue is gone. */
  wake(queue: string): void {
    for (const waiter of this.#waiters.get(queue) ?? []) {
      if (!this.#serve(queue, waiter)) break;
    }
    this.#armTimer(queue);
  }

  /** @returns whether the waiter is done, so that the next one may be asked */
  #serve(queue: string, waiter: Waiter<Message>): boolean {
    const { max, visibilitySeconds } = waiter.request;
    try {
      const messages = this.#source.take(queue, max, visibilitySeconds);
      if (messages.length === 0) return false;
      waiter.settle(messages);
    } catch (error) {
      waiter.reject(error);
    }
    return true;
  }

  #wait(queue: string, request: PollRequest): Promise<Message[]> {
    const waiting = this.#waiters.get(queue) ?? new Set();
    this.#waiters.set(queue, waiting);
    const promise = new Promise<Message[]>((resolve, reject) => {
      const done = () => {
        waiting.delete(waiter);
        clearTimeout(timer);
        request.signal.removeEventListener('abort', giveUp);
      };
      const waiter: Waiter<Message> = {
        request,
        settle: messages => {
          done();
          resolve(messages);
        },
        reject: error => {
          done();
          reject(error);
        },
      };
      const giveUp = () => waiter.settle([]);
      const timer = setTimeout(giveUp, request.waitMs);
      request.signal.addEventListener('abort', giveUp);
      waiting.add(waiter);
    });
    this.#armTimer(queue);
    return promise;
  }

  #armTimer(queue: string): void {
    clearTimeout(this.#timers.get(queue));
    this.#timers.delete(queue);
    if (!this.#waiters.get(queue)?.size) return;
    const delay = this.#source.nextVisibleInMs(queue);
    if (delay === undefined) return;
    // The waiters keep the process alive, not the timer that serves them.
    this.#timers.set(queue, setTimeout(() => this.wake(queue), Math.min(delay, MAX_TIMER_MS)).unref());
  }
}
