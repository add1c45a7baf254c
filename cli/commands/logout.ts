import { defineCommand } from '../command.ts';
import { CommandError, EXIT } from '../command-error.ts';
import { revokeToken } from '../login/oauth.ts';
import { loginFileOf, readLogin, removeLogin, withLoginLock } from '../login-file.ts';

export const logout = defineCommand({
  summary: 'end the login, and forget it',
  help: `Usage: groundwork logout

Ends the login where it was made, and forgets it here. An API key is only forgotten: groundwork keys revoke ends it.
`,
  options: {},
  async run({ env, output, signal }) {
    const file = loginFileOf(env);
    const login = await readLogin(env);
    if (!login) throw new CommandError('Nobody is logged in.', EXIT.notFound);
    await withLoginLock(env, () => removeLogin(env)); // first: whatever the server says, it is gone here
    if ('refreshToken' in login) await revokeToken(login, login.refreshToken, signal);
    output.result({ file, removed: true }, `Logged out of ${login.restUrl}.`);
    return 0;
  },
});
