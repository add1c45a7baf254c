import type { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { checkRules } from '../../lib/rules.ts';
import { startCloud } from '../../local/cloud.ts';
import { stackOf } from './stack.ts';

const settings = { ingestion: { ocr: 'textract' } };
const withTextract = (stage: string, options: Parameters<typeof stackOf>[1] = {}) =>
  stackOf(stage, { ...options, settings });

/** All statements of all policies that allow one of these actions. */
const statementsFor = (template: Template, prefix: string) =>
  Object.values(template.findResources('AWS::IAM::Policy')).flatMap(policy => {
    const statements = policy.Properties.PolicyDocument.Statement as { Action: string | string[] }[];
    return statements.filter(({ Action }) => [Action].flat().some(action => action.startsWith(prefix)));
  });

describe('recognition of scanned text', () => {
  it('leaves nothing in a stack that does without', () => {
    const template = Template.fromStack(stackOf('dev'));
    template.resourceCountIs('AWS::SNS::Topic', 0);
    expect(statementsFor(template, 'textract:')).toEqual([]);
  });

  it('may start a job, tell Textract by which role to answer, and fetch the result', () => {
    const template = Template.fromStack(withTextract('dev'));
    expect(statementsFor(template, 'textract:')).toHaveLength(2);
    expect(statementsFor(template, 'iam:PassRole')).toMatchObject([
      {
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^IngestionTextRecognitionRole/), 'Arn'] },
        Condition: { StringEquals: { 'iam:PassedToService': 'textract.amazonaws.com' } },
      },
    ]);
    expect(statementsFor(template, 'sns:')).toMatchObject([
      { Action: 'sns:Publish', Resource: { Ref: expect.any(String) } },
    ]);
  });

  it('is answered by Textract for this account only, through a topic that hands the message on as it is', () => {
    const template = Template.fromStack(withTextract('dev'));
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Principal: { Service: 'textract.amazonaws.com' },
            Condition: Match.objectLike({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } }),
          }),
        ],
      },
    });
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'sqs', RawMessageDelivery: true });
  });

  it.each(Object.keys(cdk.context.stages))('leaves no finding of the rules unexplained in stage %s', stage => {
    const app = withTextract(stage).node.root as App; // stackOf puts it there
    checkRules(app);
    expect(() => app.synth()).not.toThrow();
  });

  it('agrees with the schemas of CloudFormation', () => {
    const app = withTextract('dev', { validated: true }).node.root as App; // stackOf puts it there
    expect(() => app.synth()).not.toThrow();
  });

  it('is refused by the local cloud, by name', async () => {
    const app = withTextract('dev').node.root as App; // stackOf puts it there
    const { directory } = app.synth();
    const start = startCloud({ assembly: directory, port: 0, secrets: { 'groundwork/pinecone-api-key': 'key' } });
    await expect(start).rejects.toThrow(/TextRecognitionTopic\w+ \(AWS::SNS::Topic\): resource type is not supported/);
  });
});
