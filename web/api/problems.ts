/** What the API says is wrong: a problem of RFC 9457. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** The end of `type`, e.g. `budget-spent`; docs/developers.md lists them. */
  readonly kind: string;
  readonly status: number;
  readonly title: string;
  /** Of `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;
  /** The request's id, by which the operator finds it in the logs. */
  readonly instance: string | undefined;

  constructor(problem: ProblemBody, status: number, retryAfterSeconds?: number) {
    super(problem.detail ?? problem.title ?? `status ${status}`);
    this.kind = problem.type?.split('/').at(-1) ?? 'unknown';
    this.status = problem.status ?? status;
    this.title = problem.title ?? `status ${status}`;
    this.retryAfterSeconds = retryAfterSeconds;
    this.instance = problem.instance;
  }

  get isThrottle(): boolean {
    return this.status === 429 || this.status === 503;
  }
}

/** Nobody answered: no network, or the connection broke. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export interface ProblemBody {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly instance?: string;
}

export async function problemIn(reply: Response): Promise<ApiProblem> {
  const isProblem = reply.headers.get('content-type')?.startsWith('application/problem+json');
  const body: ProblemBody = isProblem ? await reply.json() : {};
  const after = Number(reply.headers.get('retry-after') ?? Number.NaN);
  return new ApiProblem(body, reply.status, Number.isFinite(after) ? after : undefined);
}
