import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { QueueSpec } from '../contracts.ts';
import type { MessageAttributes } from './message-attributes.ts';

/** Times are milliseconds since 1970. */
export interface StoredMessage {
  /** Order of arrival. */
  readonly id: number;
  readonly messageId: string;
  readonly body: string;
  readonly messageAttributes: MessageAttributes;
  readonly senderId: string;
  readonly sentAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt: number;
  /** Changes with every receive: the newest one alone can delete. */
  readonly receipt: string;
  /** ARN of the queue that gave it up, once it is in a dead-letter queue. */
  readonly deadLetterSourceArn: string | undefined;
  readonly traceHeader: string | undefined;
}
export interface NewMessage {
  readonly messageId: string;
  readonly body: string;
  readonly messageAttributes: MessageAttributes;
  readonly senderId: string;
  readonly traceHeader?: string | undefined;
}
export interface QueueRecord {
  readonly spec: QueueSpec;
  readonly createdAt: number;
  readonly modifiedAt: number;
}
export interface MessageCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}
export interface Receipt {
  readonly id: number;
  readonly receipt: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sqs_queues (
    name TEXT PRIMARY KEY, spec TEXT NOT NULL, created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sqs_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    message_id TEXT NOT NULL,
    body TEXT NOT NULL,
    attributes TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    trace_header TEXT,
    sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER,
    receipt TEXT,
    dead_letter_source TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sqs_messages_by_visibility ON sqs_messages (queue, visible_at, id);
  CREATE INDEX IF NOT EXISTS sqs_messages_by_age ON sqs_messages (queue, sent_at);
`;

/** A message that was given out and not deleted has a receipt; one that waits for its first receive has none. */
const STATEMENTS = {
  putQueue: `INSERT INTO sqs_queues VALUES (?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, modified_at = excluded.modified_at`,
  queue: 'SELECT spec, created_at, modified_at FROM sqs_queues WHERE name = ?',
  queueNames: 'SELECT name FROM sqs_queues ORDER BY name',
  deleteQueue: 'DELETE FROM sqs_queues WHERE name = ?',
  purge: 'DELETE FROM sqs_messages WHERE queue = ?',
  expire: 'DELETE FROM sqs_messages WHERE queue = ? AND sent_at <= ?',
  insert: `INSERT INTO sqs_messages (queue, message_id, body, attributes, sender_id, trace_header, sent_at, visible_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  visible: 'SELECT * FROM sqs_messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?',
  take: `UPDATE sqs_messages SET visible_at = ?, receipt = ?, receive_count = receive_count + 1,
    first_received_at = coalesce(first_received_at, ?) WHERE id = ? RETURNING *`,
  moveExhausted: `UPDATE sqs_messages SET queue = ?, dead_letter_source = ?, visible_at = ?, receive_count = 0,
    first_received_at = NULL, receipt = NULL WHERE queue = ? AND visible_at <= ? AND receive_count >= ?`,
  moveVisible: `UPDATE sqs_messages SET queue = ?1, dead_letter_source = NULL, sent_at = ?2, visible_at = ?2,
    receive_count = 0, first_received_at = NULL, receipt = NULL
    WHERE queue = ?3 AND visible_at <= ?2 AND (?4 IS NULL OR dead_letter_source = ?4)`,
  remove: 'DELETE FROM sqs_messages WHERE queue = ? AND id = ? AND receipt = ?',
  inFlight: 'SELECT 1 AS found FROM sqs_messages WHERE queue = ? AND id = ? AND receipt = ? AND visible_at > ?',
  known: 'SELECT 1 AS found FROM sqs_messages WHERE queue = ? AND id = ? AND receipt = ?',
  setVisible: 'UPDATE sqs_messages SET visible_at = ? WHERE queue = ? AND id = ? AND receipt = ?',
  setVisibleBy: 'UPDATE sqs_messages SET visible_at = min(visible_at, ?) WHERE queue = ? AND id = ? AND receipt = ?',
  returnAbandoned:
    'UPDATE sqs_messages SET visible_at = ?1 WHERE queue = ?2 AND visible_at > ?1 AND receipt IS NOT NULL',
  counts: `SELECT count(*) FILTER (WHERE visible_at <= ?1) AS visible,
    count(*) FILTER (WHERE visible_at > ?1 AND receipt IS NOT NULL) AS inFlight,
    count(*) FILTER (WHERE visible_at > ?1 AND receipt IS NULL) AS delayed FROM sqs_messages WHERE queue = ?2`,
  nextVisible: 'SELECT min(visible_at) AS at FROM sqs_messages WHERE queue = ?',
};

/** Queues and their messages in SQLite. It knows nothing of the wire, of callers or of waiting. */
export class MessageStore {
  readonly #database: DatabaseSync;
  readonly #sql: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;

  constructor(database: DatabaseSync) {
    database.exec(SCHEMA);
    this.#database = database;
    const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, database.prepare(sql)]);
    // The entries are made of the same keys.
    this.#sql = Object.fromEntries(prepared) as Record<keyof typeof STATEMENTS, StatementSync>;
  }

  putQueue(spec: QueueSpec, now: number): void {
    this.#sql.putQueue.run(spec.name, JSON.stringify(spec), now, now);
  }

  queue(name: string): QueueRecord | undefined {
    const row = this.#sql.queue.get(name);
    if (!row) return undefined;
    return {
      spec: JSON.parse(String(row.spec)),
      createdAt: Number(row.created_at),
      modifiedAt: Number(row.modified_at),
    };
  }

  queueNames(): string[] {
    return this.#sql.queueNames.all().map(row => String(row.name));
  }

  deleteQueue(name: string): void {
    this.#transaction(() => {
      this.#sql.purge.run(name);
      this.#sql.deleteQueue.run(name);
    });
  }

  purge(queue: string): void {
    this.#sql.purge.run(queue);
  }

  insert(queue: string, message: NewMessage, now: number, visibleAt: number): void {
    const { messageId, body, messageAttributes, senderId, traceHeader = null } = message;
    this.#sql.insert.run(
      queue,
      messageId,
      body,
      JSON.stringify(messageAttributes),
      senderId,
      traceHeader,
      now,
      visibleAt,
    );
  }

  /** Gives out up to `max` visible messages, the longest visible first, and hides them until `hiddenUntil`. */
  take(queue: string, max: number, now: number, hiddenUntil: number): StoredMessage[] {
    const visible = this.#sql.visible.all(queue, now, max);
    if (visible.length === 0) return [];
    return this.#transaction(() =>
      visible.flatMap(({ id }) => this.#sql.take.all(hiddenUntil, randomUUID(), now, Number(id))).map(toMessage),
    );
  }

  /** Moves visible messages that were received `maxReceiveCount` times. @returns how many */
  moveExhausted(
    queue: string,
    queueArn: string,
    deadLetterQueue: string,
    maxReceiveCount: number,
    now: number,
  ): number {
    const { changes } = this.#sql.moveExhausted.run(deadLetterQueue, queueArn, now, queue, now, maxReceiveCount);
    return Number(changes);
  }

  /** Moves visible messages, only those that `givenUpBy` (an ARN) gave up when it is given. @returns how many */
  moveVisible(queue: string, destination: string, givenUpBy: string | undefined, now: number): number {
    const { changes } = this.#sql.moveVisible.run(destination, now, queue, givenUpBy ?? null);
    return Number(changes);
  }

  /** Deletes what was sent at `sentUntil` or before. */
  expire(queue: string, sentUntil: number): void {
    this.#sql.expire.run(queue, sentUntil);
  }

  /** Deletes the message if the receipt is its newest one. */
  remove(queue: string, { id, receipt }: Receipt): void {
    this.#sql.remove.run(queue, id, receipt);
  }

  isKnown(queue: string, { id, receipt }: Receipt): boolean {
    return this.#sql.known.get(queue, id, receipt) !== undefined;
  }

  isInFlight(queue: string, { id, receipt }: Receipt, now: number): boolean {
    return this.#sql.inFlight.get(queue, id, receipt, now) !== undefined;
  }

  setVisibleAt(queue: string, { id, receipt }: Receipt, visibleAt: number): void {
    this.#sql.setVisible.run(visibleAt, queue, id, receipt);
  }

  /** Only ever brings the moment nearer. */
  setVisibleBy(queue: string, { id, receipt }: Receipt, visibleBy: number): void {
    this.#sql.setVisibleBy.run(visibleBy, queue, id, receipt);
  }

  /** Messages that were given out and are hidden become visible. */
  returnAbandoned(queue: string, now: number): void {
    this.#sql.returnAbandoned.run(now, queue);
  }

  counts(queue: string, now: number): MessageCounts {
    const row = this.#sql.counts.get(now, queue);
    return { visible: Number(row?.visible), inFlight: Number(row?.inFlight), delayed: Number(row?.delayed) };
  }

  /** When the next message of the queue becomes visible; in the past for one that is. */
  nextVisibleAt(queue: string): number | undefined {
    const at = this.#sql.nextVisible.get(queue)?.at;
    return at === null || at === undefined ? undefined : Number(at);
  }

  /** All entries of a batch are written at once, which also spares a disk flush each. */
  inOneTransaction<T>(work: () => T): T {
    return this.#transaction(work);
  }

  #transaction<T>(work: () => T): T {
    if (this.#database.isTransaction) return work();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function toMessage(row: Record<string, unknown>): StoredMessage {
  return {
    id: Number(row.id),
    messageId: String(row.message_id),
    body: String(row.body),
    messageAttributes: JSON.parse(String(row.attributes)),
    senderId: String(row.sender_id),
    sentAt: Number(row.sent_at),
    receiveCount: Number(row.receive_count),
    firstReceivedAt: Number(row.first_received_at),
    receipt: String(row.receipt),
    deadLetterSourceArn: optionalText(row.dead_letter_source),
    traceHeader: optionalText(row.trace_header),
  };
}

const optionalText = (value: unknown) => (typeof value === 'string' ? value : undefined);
