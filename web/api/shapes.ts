import type * as z from 'zod';
import type {
  chunkListSchema,
  conversationDetailSchema,
  conversationListSchema,
  conversationSchema,
  documentListSchema,
  feedbackSchema,
  giveFeedbackSchema,
} from '../../lambdas/api/schemas.ts';
import type { chatAnswerSchema, chatRequestSchema, storedCitationSchema } from '../../lambdas/chat/schemas.ts';

/** What goes to the API and what comes from it, as its OpenAPI document says: types alone, none of its code. */
export type ChatRequest = z.input<typeof chatRequestSchema>;
export type ChatAnswer = z.infer<typeof chatAnswerSchema>;
export type Citation = z.infer<typeof storedCitationSchema>;
export type Place = Citation['place'];
export type Filter = NonNullable<ChatRequest['filter']>;
export type Conversation = z.infer<typeof conversationSchema>;
export type ConversationList = z.infer<typeof conversationListSchema>;
export type ConversationDetail = z.infer<typeof conversationDetailSchema>;
export type StoredTurn = ConversationDetail['turns'][number];
export type Feedback = z.infer<typeof feedbackSchema>;
export type GiveFeedback = z.input<typeof giveFeedbackSchema>;
export type ChunkList = z.infer<typeof chunkListSchema>;
export type DocumentList = z.infer<typeof documentListSchema>;
export type DocumentSummary = DocumentList['documents'][number];
