import { defineCommand } from '../command.ts';
import { meShape } from '../shapes.ts';

export const whoami = defineCommand({
  summary: 'who you are to the Groundwork that commands work on',
  help: `Usage: groundwork whoami [options]

Tells which Groundwork commands work on, and as whom: tenant, role, groups.
`,
  options: {},
  async run({ client, output }) {
    const api = await client();
    const me = await api.get(meShape, { path: 'me' });
    const { restUrl, foundBy, identity } = api.target;
    const groups = me.groups.length > 0 ? me.groups.join(', ') : 'none';
    output.result(
      { ...me, restUrl, identity: identity.description },
      `${me.name ?? me.userId}, ${me.role} of tenant ${me.tenant}, groups: ${groups}`,
      `at ${restUrl} (found by ${foundBy}), by ${identity.description}`,
    );
    return 0;
  },
});
