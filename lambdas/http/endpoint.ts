import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { startDeadline, untilAborted } from './deadline.ts';
import { type FailureLog, logFailure } from './failure-log.ts';
import { problemResponse } from './problem.ts';
import { requestIdOf } from './request.ts';
import { type Reply, replyResponse, type TextResponse } from './response.ts';

type Remaining = Pick<Context, 'getRemainingTimeInMillis'>;

/**
 * A handler of a buffered proxy integration: what `respond` returns is sent as JSON or as a file, what it throws as a problem.
 * @param respond may throw anything; its signal aborts shortly before the function's time is up
 */
export function endpoint(
  log: FailureLog,
  respond: (event: APIGatewayProxyEvent, signal: AbortSignal) => Promise<Reply>,
): (event: APIGatewayProxyEvent, context: Remaining) => Promise<TextResponse> {
  return async (event, context) => {
    const requestId = requestIdOf(event);
    const deadline = startDeadline(context.getRemainingTimeInMillis(), 'The service');
    try {
      return replyResponse(await untilAborted(respond(event, deadline.signal), deadline.signal), requestId);
    } catch (error) {
      const failure = deadline.signal.aborted ? deadline.signal.reason : error;
      logFailure(log, failure, requestId);
      return problemResponse(failure, requestId);
    } finally {
      deadline.clear();
    }
  };
}
