/** Streams as many events as asked for. */
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const headers = { 'content-type': 'text/event-stream' };
  const response = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers });
  for (let n = 1; n <= Number(event.queryStringParameters.count); n++) response.write(`data: ${n}\n\n`);
  response.end();
});
