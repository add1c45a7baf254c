import type { Iam, LambdaServer } from '../contracts.ts';
import type { Identify } from '../identity.ts';
import { methodArn } from './arns.ts';
import { authorizeByIam, type IamIdentity } from './iam-authorization.ts';
import { authorizeByLambda } from './lambda-authorizer.ts';
import type { RoutedRequest } from './proxy-event.ts';

/** What authorization found out about who asks; functions see it in `requestContext`. */
export interface Authorization {
  /** What a Lambda authorizer said: `requestContext.authorizer`. */
  readonly authorizer?: Readonly<Record<string, string | number>>;
  /** Who signed: a part of `requestContext.identity`. */
  readonly identity?: IamIdentity;
}

export interface Authorizers {
  readonly iam: Iam;
  readonly lambda: LambdaServer;
  readonly identify: Identify;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Asks whoever the method says: nobody, IAM, or a function. @throws Refusal when the request may not go on */
export async function authorize(authorizers: Authorizers, request: RoutedRequest): Promise<Authorization> {
  const { authorization } = request.route.method;
  const arn = methodArn(authorizers.region, request);
  switch (authorization.type) {
    case 'NONE':
      return {};
    case 'AWS_IAM':
      return { identity: await authorizeByIam(authorizers, request, arn) };
    case 'CUSTOM':
      return { authorizer: await authorizeByLambda(authorizers, authorization.authorizerId, request, arn) };
  }
}
