import type { Command } from './command.ts';
import { chat } from './commands/chat.ts';
import { conversations } from './commands/conversations.ts';
import { doctor } from './commands/doctor.ts';
import { evaluate } from './commands/eval.ts';
import { ingest } from './commands/ingest.ts';
import { jobs } from './commands/jobs.ts';
import { keys } from './commands/keys.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { redrive } from './commands/redrive.ts';
import { retry } from './commands/retry.ts';
import { search } from './commands/search.ts';
import { status } from './commands/status.ts';
import { whoami } from './commands/whoami.ts';

/** By the name that they are called by, in the order of the help. */
export const commands: Readonly<Record<string, Command>> = {
  login,
  logout,
  whoami,
  ingest,
  status,
  retry,
  chat,
  search,
  conversations,
  jobs,
  redrive,
  keys,
  eval: evaluate,
  doctor,
};
