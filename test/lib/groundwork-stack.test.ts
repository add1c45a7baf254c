import type { App, Environment } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { checkRules } from '../../lib/rules.ts';
import { stackOf } from './stack.ts';

/** The parts of a template that the tests read. */
interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties: Record<string, unknown>;
}
interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** The statements of the role of the function with this description. */
function statementsOf(template: Template, description: string): Statement[] {
  const [found] = Object.values(
    template.findResources('AWS::Lambda::Function', { Properties: { Description: description } }),
  );
  const role = found?.Properties.Role['Fn::GetAtt'][0];
  const policies = Object.values(
    template.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: role }] } }),
  );
  return policies.flatMap(policy => policy.Properties.PolicyDocument.Statement as Statement[]);
}

const actionsOf = (statements: Statement[]) => statements.flatMap(({ Action }) => Action);

const guardrail = {
  promptAttack: 'medium',
  blockedPersonalData: ['US_SOCIAL_SECURITY_NUMBER'],
  maskedPersonalData: ['EMAIL'],
  deniedTopics: [{ name: 'Salaries', definition: 'What single people earn.' }],
  blockedWords: ['project nightjar'],
  grounding: 0.7,
};

describe('a guardrail', () => {
  const chatFunction = 'Answers questions from the documents, streamed, with citations';
  const templateWith = (settings: object) => Template.fromStack(stackOf('dev', { settings: { chat: settings } }));

  it('is absent by default, since it costs by use', () => {
    const template = templateWith({});
    template.resourceCountIs('AWS::Bedrock::Guardrail', 0);
    expect(actionsOf(statementsOf(template, chatFunction))).not.toContain('bedrock:ApplyGuardrail');
  });

  it('has the rules of the settings, and may be applied by the chat function alone', () => {
    const template = templateWith({ guardrail });
    template.hasResourceProperties('AWS::Bedrock::Guardrail', {
      ContentPolicyConfig: {
        FiltersConfig: [{ Type: 'PROMPT_ATTACK', InputStrength: 'MEDIUM', OutputStrength: 'NONE' }],
      },
      SensitiveInformationPolicyConfig: {
        PiiEntitiesConfig: [
          { Type: 'US_SOCIAL_SECURITY_NUMBER', Action: 'BLOCK' },
          { Type: 'EMAIL', Action: 'ANONYMIZE' },
        ],
      },
      TopicPolicyConfig: { TopicsConfig: [{ Name: 'Salaries', Definition: 'What single people earn.', Type: 'DENY' }] },
      WordPolicyConfig: { WordsConfig: [{ Text: 'project nightjar' }] },
      ContextualGroundingPolicyConfig: { FiltersConfig: [{ Type: 'GROUNDING', Threshold: 0.7 }] },
    });
    const [id = ''] = Object.keys(template.findResources('AWS::Bedrock::Guardrail'));
    const [version = ''] = Object.keys(template.findResources('AWS::Bedrock::GuardrailVersion'));
    expect(statementsOf(template, chatFunction)).toContainEqual({
      Action: 'bedrock:ApplyGuardrail',
      Effect: 'Allow',
      Resource: { 'Fn::GetAtt': [id, 'GuardrailArn'] },
    });
    expect(JSON.stringify(template.toJSON()).split('bedrock:ApplyGuardrail')).toHaveLength(2);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: chatFunction,
      Environment: {
        Variables: Match.objectLike({
          GUARDRAIL_ID: { 'Fn::GetAtt': [id, 'GuardrailId'] },
          GUARDRAIL_VERSION: { 'Fn::GetAtt': [version, 'Version'] },
          GUARDRAIL_GROUNDING: 'on',
        }),
      },
    });
  });

  it('gets a new version exactly when its rules change', () => {
    const versionOf = (settings: object) =>
      Object.values(templateWith(settings).findResources('AWS::Bedrock::GuardrailVersion'))[0]?.Properties.Description;
    expect(versionOf({ guardrail })).toBe(versionOf({ guardrail, topK: 3 }));
    expect(versionOf({ guardrail })).not.toBe(versionOf({ guardrail: { ...guardrail, grounding: 0.8 } }));
  });
});

describe('the stack', () => {
  let template: Template;
  beforeAll(() => {
    template = Template.fromStack(stackOf('dev'));
  });

  it('keeps the logical ids of what holds data', () => {
    const ids = (type: string) => Object.keys(template.findResources(type)).sort();
    expect(ids('AWS::DynamoDB::GlobalTable')).toEqual([
      'RecordsAnswersCD2CB0D3',
      'RecordsChunksF4CA8715',
      'RecordsConversations0D87ACFF',
      'RecordsDocuments3005CE5F',
      'RecordsJobsDDE67940',
      'RecordsKeysA2FEC321',
      'RecordsQuotas7F547C2B',
    ]);
    expect(ids('AWS::S3::Bucket')).toEqual([
      ...['StorageAccessLogs96FB524C', 'StorageDocumentsCD3FCE94', 'WebBucketE51352C0'],
    ]);
    expect(ids('Custom::PineconeIndex')).toEqual(['VectorsIndexAD5FBC2C']);
  });

  it('lets the chat function use a strong model and the answer cache only where the settings have them', () => {
    const chat = 'Answers questions from the documents, streamed, with citations';
    const settings = { chat: { answerCacheMinutes: 60, strongModelId: 'us.amazon.nova-pro-v1:0' } };
    const statements = statementsOf(Template.fromStack(stackOf('dev', { settings })), chat);
    const onAnswers = (all: Statement[]) => all.filter(one => JSON.stringify(one.Resource).includes('RecordsAnswers'));
    expect(actionsOf(onAnswers(statements)).flat().sort()).toEqual(['dynamodb:PutItem', 'dynamodb:Query']);
    expect(JSON.stringify(statements)).toContain('inference-profile/us.amazon.nova-pro-v1:0');
    const usual = statementsOf(template, chat);
    expect(onAnswers(usual)).toEqual([]);
    expect(JSON.stringify(usual)).not.toContain('nova-pro');
  });

  it.each(['Answers questions from the documents, streamed, with citations', 'Finds passages without answering'])(
    'lets a function rerank with one model, and only where the settings name it: %s',
    description => {
      const settings = { chat: { rerankModelId: 'cohere.rerank-v3-5:0' } };
      const reranking = Template.fromStack(stackOf('dev', { settings }));
      const statements = statementsOf(reranking, description);
      const rerank = statements.filter(one => [one.Action].flat().includes('bedrock:Rerank'));
      expect(rerank).toMatchObject([{ Resource: '*' }]); // CDK joins it with the one for X-Ray
      expect(
        actionsOf(rerank)
          .flat()
          .filter(action => action.startsWith('bedrock:')),
      ).toEqual(['bedrock:Rerank']);
      const onModel = statements.filter(one => JSON.stringify(one.Resource).includes('cohere.rerank'));
      expect(JSON.stringify(onModel)).toContain('::foundation-model/cohere.rerank-v3-5:0');
      expect(actionsOf(onModel).flat()).toEqual(['bedrock:InvokeModel']);
      expect(JSON.stringify(template.toJSON())).not.toMatch(/bedrock:Rerank|cohere\.rerank/);
      const variables = (of: Template) =>
        Object.values(of.findResources('AWS::Lambda::Function', { Properties: { Description: description } })).map(
          ({ Properties }) => JSON.stringify(Properties.Environment.Variables.RERANK_MODEL_ARN),
        );
      expect(variables(reranking)).toEqual([expect.stringContaining('cohere.rerank-v3-5:0')]);
      expect(variables(template)).toEqual(['""']);
    },
  );

  it('keeps the logical ids of what clients hold: the address, and where people sign in', () => {
    const ids = (type: string) => Object.keys(template.findResources(type));
    expect(ids('AWS::ApiGateway::RestApi')).toEqual(['QuestionApi89CCEC7E']);
    expect(ids('AWS::ApiGateway::Stage')).toEqual(['QuestionApiDeploymentStagev1E68800CF']);
    expect(ids('AWS::Cognito::UserPool')).toEqual(['IdentityPool9E5AED46']);
    expect(ids('AWS::Cognito::UserPoolDomain')).toEqual(['IdentityPoolDomain8A19A96F']);
    expect(ids('AWS::Cognito::UserPoolClient').sort()).toEqual(['IdentityCliCA05FCE8', 'IdentityWeb23629B6E']);
  });

  it('sends the events of the document folders to the intake queue, with no custom resource', () => {
    const [bucket] = Object.values(
      template.findResources('AWS::S3::Bucket', { Properties: { VersioningConfiguration: Match.anyValue() } }),
    );
    const rules = bucket?.Properties.NotificationConfiguration.QueueConfigurations;
    const prefixes = rules.map(
      (rule: { Filter: { S3Key: { Rules: { Value: string }[] } } }) => rule.Filter.S3Key.Rules[0]?.Value,
    );
    expect(new Set(prefixes)).toEqual(new Set(['documents/', 'incoming/', 'tenants/', 'processed/', 'failed/']));
    expect(Object.keys(template.findResources('Custom::S3BucketNotifications'))).toEqual([]);
  });

  it('keeps a message invisible for at least six times the timeout of the function that works on it', () => {
    const functions = template.findResources('AWS::Lambda::Function');
    const queues = template.findResources('AWS::SQS::Queue');
    const mappings = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'));
    expect(mappings).toHaveLength(12);
    for (const { Properties: mapping } of mappings) {
      const worker = functions[mapping.FunctionName.Ref];
      const queue = queues[mapping.EventSourceArn['Fn::GetAtt'][0]];
      expect(queue?.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * worker?.Properties.Timeout);
      expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(mapping.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
    }
  });

  it('gives every work queue a dead-letter queue', () => {
    const queues = Object.values(template.findResources('AWS::SQS::Queue'));
    expect(queues.filter(queue => queue.Properties.RedrivePolicy)).toHaveLength(7);
    expect(queues).toHaveLength(14);
  });

  it('streams answers and buffers the rest', () => {
    const methods = Object.values(
      template.findResources('AWS::ApiGateway::Method', { Properties: { HttpMethod: 'POST' } }),
    );
    // For people and keys, and below /iam for services.
    expect(methods.map(method => method.Properties.Integration.ResponseTransferMode)).toEqual([
      ...['STREAM', undefined, 'STREAM', undefined],
    ]);
  });

  describe('finds out who asks', () => {
    const paths = (all: Template): Map<string, string> => {
      const resources = all.findResources('AWS::ApiGateway::Resource');
      const pathOf = (id: string): string => {
        const { ParentId, PathPart } = resources[id]?.Properties ?? {};
        return PathPart === undefined ? '' : `${ParentId.Ref ? pathOf(ParentId.Ref) : ''}/${PathPart}`;
      };
      return new Map(Object.keys(resources).map(id => [id, pathOf(id)]));
    };
    /** `POST /chat` and the like, but for preflights, by how they find out. */
    const routesBy = (type: string) => {
      const pathOf = paths(template);
      return Object.values(template.findResources('AWS::ApiGateway::Method'))
        .filter(({ Properties }) => Properties.AuthorizationType === type && Properties.HttpMethod !== 'OPTIONS')
        .map(({ Properties }) => `${Properties.HttpMethod} ${pathOf.get(Properties.ResourceId.Ref) ?? '/'}`)
        .sort();
    };

    it('on every route but health, the API description and reports of browsers', () => {
      expect(routesBy('NONE')).toEqual(['ANY /csp-reports', 'ANY /health', 'ANY /openapi.json']);
    });

    it('by one authorizer that is asked each time, or below /iam by a signature', () => {
      const routes = ['ANY /', 'ANY /chat', 'ANY /search', 'ANY /{proxy+}', 'POST /chat', 'POST /search'];
      expect(routesBy('CUSTOM')).toEqual(routes);
      expect(routesBy('AWS_IAM')).toEqual(routes.map(route => route.replace(' /', ' /iam/').replace(/\/$/, '')).sort());
      template.resourceCountIs('AWS::ApiGateway::Authorizer', 1);
      template.hasResourceProperties('AWS::ApiGateway::Authorizer', {
        Type: 'REQUEST',
        AuthorizerResultTtlInSeconds: 0,
        IdentitySource: Match.absent(),
      });
    });

    it('without a key of API Gateway', () => {
      for (const type of ['ApiKey', 'UsagePlan', 'UsagePlanKey'])
        template.resourceCountIs(`AWS::ApiGateway::${type}`, 0);
    });

    it('by a function that may read the keys, and nothing else', () => {
      const statements = statementsOf(template, 'Finds out who asks: by an access token or an API key');
      const onData = actionsOf(statements).filter(action => !/^(logs|xray):/.test(action));
      expect(onData).toEqual(['dynamodb:GetItem']);
    });
  });

  it('lets the chat function read passages but change no document', () => {
    const actions = actionsOf(statementsOf(template, 'Answers questions from the documents, streamed, with citations'));
    expect(actions).toContain('dynamodb:BatchGetItem');
    expect(actions).toContain('bedrock:InvokeModelWithResponseStream');
    expect(actions.filter(action => /s3:(Put|Delete)|sqs:(?!SendMessage$)/.test(action))).toEqual([]);
  });

  it('lets no function do anything on everything, but for traces', () => {
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
      policy => policy.Properties.PolicyDocument.Statement as Statement[],
    );
    const onEverything = statements.filter(({ Resource }) => Resource === '*');
    expect(new Set(actionsOf(onEverything))).toEqual(new Set(['xray:PutTraceSegments', 'xray:PutTelemetryRecords']));
    expect(actionsOf(statements).filter(action => action.includes('*'))).toEqual([]);
  });

  it('holds no secret and no API key', () => {
    const text = JSON.stringify(template.toJSON());
    expect(text).not.toMatch(/SecretString|"Value":"[A-Za-z0-9]{30,}"/);
    expect(text).toContain('groundwork/pinecone-api-key');
  });

  it('lets a model behind an inference profile be called only through that profile', () => {
    const statements = statementsOf(template, 'Answers questions from the documents, streamed, with citations');
    expect(statements).toContainEqual(
      expect.objectContaining({
        Action: 'bedrock:InvokeModelWithResponseStream',
        Condition: { StringLike: { 'bedrock:InferenceProfileArn': expect.anything() } },
      }),
    );
  });
});

describe('a stack without the page', () => {
  it('has no distribution, nothing to publish, and no address of a page', () => {
    const template = Template.fromStack(stackOf('dev', { settings: { web: { enabled: false } } }));
    for (const type of ['AWS::CloudFront::Distribution', 'Custom::WebSite']) template.resourceCountIs(type, 0);
    expect(Object.keys(template.findOutputs('*'))).not.toContain('WebUrl');
  });
});

describe('the prod stage', () => {
  it('retains and protects what holds data', () => {
    const template = Template.fromStack(stackOf('prod'));
    const stateful = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::Cognito::UserPool'].flatMap(type =>
      Object.entries(template.findResources(type))
        .filter(([id]) => !id.startsWith('Web')) // the page is built, and published at each deployment
        .map(([, resource]) => resource as Resource),
    );
    expect(stateful).toHaveLength(10);
    for (const { DeletionPolicy, UpdateReplacePolicy } of stateful)
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    template.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: [
        Match.objectLike({
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ],
    });
    template.hasResourceProperties('Custom::PineconeIndex', { DeletionProtection: 'enabled', OnDelete: 'retain' });
    template.resourceCountIs('Custom::EmptyBucketOnDelete', 0);
  });
});

describe('the dev stage', () => {
  it('can be destroyed whole', () => {
    const template = Template.fromStack(stackOf('dev'));
    const kept = Object.entries(template.toJSON().Resources as Record<string, Resource>)
      .filter(([, resource]) => resource.DeletionPolicy === 'Retain')
      .map(([, resource]) => resource.Type);
    // Only the account-wide role by which API Gateway writes logs stays.
    expect(new Set(kept)).toEqual(new Set(['AWS::IAM::Role', 'AWS::ApiGateway::Account']));
    template.resourceCountIs('Custom::EmptyBucketOnDelete', 2);
  });
});

describe('the rule packs', () => {
  const environments: Record<string, Environment> = {
    'an unknown region and account': {},
    // What the command passes on when there are no credentials.
    'a known region': { region: 'us-east-1' },
    'a known region and account': { region: 'eu-central-1', account: '111122223333' },
    'another partition': { region: 'cn-north-1', account: '111122223333' },
  };
  const cases = Object.keys(cdk.context.stages).flatMap(stage =>
    Object.entries(environments).map(([name, env]) => ({ stage, name, env })),
  );
  it.each(cases)('find nothing unexplained in stage $stage with $name', ({ stage, env }) => {
    const stack = stackOf(stage, { env });
    const app = stack.node.root as App; // stackOf puts it there
    checkRules(app);
    expect(() => app.synth()).not.toThrow();
  });

  it('find nothing unexplained, and the schemas nothing, with a guardrail', () => {
    const app = stackOf('prod', { validated: true, settings: { chat: { guardrail } } }).node.root as App;
    checkRules(app);
    expect(() => app.synth()).not.toThrow();
  });

  it('find nothing unexplained with a reranker', () => {
    const app = stackOf('prod', { settings: { chat: { rerankModelId: 'cohere.rerank-v3-5:0' } } }).node.root as App;
    checkRules(app);
    expect(() => app.synth()).not.toThrow();
  });

  it.each(Object.keys(cdk.context.stages))('and the schemas of CloudFormation find nothing in stage %s', stage => {
    const app = stackOf(stage, { validated: true }).node.root as App; // stackOf puts it there
    expect(() => app.synth()).not.toThrow();
  });
});
