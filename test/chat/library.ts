import type { ChatPorts } from '../../lambdas/chat/question.ts';
import { type Chunk, documentIdOf } from '../../lambdas/document.ts';
import type { UpkeepMessage } from '../../lambdas/upkeep/messages.ts';
import { fakeChatModel, type ReplyStep } from '../fakes/chat-model.ts';
import { inMemoryChunkStore } from '../fakes/chunk-store.ts';
import { inMemoryConversationStore } from '../fakes/conversation-store.ts';
import { inMemoryDocumentBucket } from '../fakes/document-bucket.ts';
import { inMemoryDocumentStore } from '../fakes/document-store.ts';
import { fakeEmbeddingModel } from '../fakes/embedding-model.ts';
import { inMemoryPassageStore } from '../fakes/passage-store.ts';
import { inMemoryVectorStore } from '../fakes/vector-store.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';
import { chunkOf } from './passages.ts';

interface PutOptions {
  readonly tenant?: string;
  readonly live?: boolean;
  /** Signs that ingestion found in every chunk. */
  readonly suspicious?: readonly string[];
}

/** Everything that answers draw on, in memory, with a way to put documents there that does without ingestion. */
export function makeLibrary(reply: Parameters<typeof fakeChatModel>[0] = ['It has 212 steps [1].']) {
  const documents = inMemoryDocumentStore();
  const chunks = inMemoryChunkStore();
  const vectors = inMemoryVectorStore();
  const bucket = inMemoryDocumentBucket();
  const embeddings = fakeEmbeddingModel(256);
  const conversations = inMemoryConversationStore();
  const answerModel = fakeChatModel(reply);
  const condenseModel = fakeChatModel(['What are the steps of the tower made of?']);
  const upkeep = inMemoryWorkQueue<UpkeepMessage>();
  const passages = inMemoryPassageStore(documents, chunks);
  const ports = {
    conversations,
    embeddings,
    vectors,
    passages,
    answerModel,
    condenseModel,
    bucket,
    statistics: { read: async () => undefined },
    denseWeight: 1,
    upkeep,
  } satisfies ChatPorts;
  let sequencer = 0;

  /** Uploads texts or chunks as the next version of a document. It goes live unless `live` is false. */
  async function put(
    key: string,
    contents: readonly (string | Chunk)[],
    { tenant = 'default', live = true, suspicious }: PutOptions = {},
  ) {
    sequencer += 1;
    const texts = contents.map(content => (typeof content === 'string' ? content : content.text));
    const s3VersionId = bucket.put(key, texts.join('\n'));
    const upload = { tenant, key, s3VersionId, eTag: `e${sequencer}`, size: 10, sequencer: String(sequencer) };
    const registration = await documents.registerUpload(upload);
    if (!('version' in registration)) throw new Error('The upload is stale.');
    const documentId = documentIdOf(tenant, key);
    const { version } = registration;
    const stored = contents.map((content, index) => ({
      ...(typeof content === 'string' ? chunkOf({ key, text: content, index }) : content),
      ...{ documentId, version },
      ...(suspicious && { suspicious }),
    }));
    await chunks.put(documentId, version, stored);
    for (const [index, embedding] of (await embeddings.embedDocuments(texts)).entries()) {
      await vectors.upsert(tenant, [{ ref: { documentId, version, index }, key, metadata: {}, embedding }]);
    }
    await documents.startProcessing(documentId, version);
    const plan = { contentHash: 'h', title: key, chunkCount: texts.length, batchCount: 1 };
    await documents.recordPlan(documentId, version, plan);
    const embedded = await documents.recordEmbedded(documentId, version, 0, 'fake');
    if (live) await documents.switchLive(embedded);
    return { documentId, version, s3VersionId };
  }

  /** Handles the delete event of a document, but leaves its chunks and vectors to be removed later. */
  async function remove(key: string, tenant = 'default') {
    sequencer += 1;
    await documents.registerDeletion({ tenant, key, sequencer: String(sequencer) });
  }

  /** Lets these groups read a document, and nobody else; undefined: everyone. One that is not there stays so. */
  async function open(key: string, groups: readonly string[] | undefined, tenant = 'default') {
    const head = await documents.getHead(documentIdOf(tenant, key));
    if (!head) return;
    sequencer += 1;
    await documents.recordSidecar(head, {
      version: `s${sequencer}`,
      metadata: { attributes: {}, ...(groups && { groups }) },
    });
  }

  return {
    ports,
    documents,
    chunks,
    vectors,
    bucket,
    conversations,
    answerModel,
    condenseModel,
    upkeep,
    put,
    remove,
    open,
  };
}

export type Library = ReturnType<typeof makeLibrary>;
export type { ReplyStep };
