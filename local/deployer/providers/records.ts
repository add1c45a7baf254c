import { z } from 'zod';
import { ACCOUNT_ID, PARTITION } from '../../contracts.ts';
import { defineProvider, type ResourceProvider } from '../resource.ts';

/** Resources whose only effect here is that others may refer to them. */
export function recordedProviders(region: string): ResourceProvider[] {
  const logGroup = defineProvider({
    type: 'AWS::Logs::LogGroup',
    properties: z.object({ LogGroupName: z.string().optional() }),
    handled: ['LogGroupName'],
    // Functions log to the terminal.
    recorded: ['KmsKeyId', 'LogGroupClass', 'RetentionInDays', 'Tags'],
    put({ LogGroupName }, { physicalName }) {
      const name = LogGroupName ?? physicalName({ maxLength: 512 });
      return {
        physicalId: name,
        attributes: { Arn: `arn:${PARTITION}:logs:${region}:${ACCOUNT_ID}:log-group:${name}:*` },
      };
    },
  });
  const metadata = defineProvider({
    type: 'AWS::CDK::Metadata',
    properties: z.looseObject({}),
    handled: ['*'],
    put: (_, { logicalId }) => ({ physicalId: logicalId }),
  });
  return [logGroup, metadata];
}
