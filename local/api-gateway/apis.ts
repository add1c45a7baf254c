import type { AuthorizerSpec, GatewayResponseSpec, MethodSpec, ResourceSpec, RestApiSpec, StageSpec } from './model.ts';

export interface Resource {
  readonly id: string;
  /** `/documents/{id}`; the root is `/`. */
  readonly path: string;
  /** Parts of the path, the root has none. */
  readonly parts: readonly string[];
  /** By HTTP method or `ANY`. */
  readonly methods: ReadonlyMap<string, MethodSpec>;
}
export interface RestApi extends RestApiSpec {
  readonly stages: ReadonlyMap<string, StageSpec>;
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponseSpec>;
  /** By id. */
  readonly authorizers: ReadonlyMap<string, AuthorizerSpec>;
  resources(): readonly Resource[];
}

/** The REST APIs of the cloud, in memory: the deployer puts them again at each start. */
export class RestApis {
  readonly #apis = new Map<string, ApiRecord>();

  find(id: string): RestApi | undefined {
    return this.#apis.get(id);
  }
  put(spec: RestApiSpec): void {
    this.#apis.set(spec.id, new ApiRecord(spec, this.#apis.get(spec.id)));
  }
  delete(id: string): void {
    this.#apis.delete(id);
  }
  putResource(spec: ResourceSpec): void {
    this.#of(spec.apiId).putResource(spec);
  }
  deleteResource(apiId: string, id: string): void {
    this.#apis.get(apiId)?.deleteResource(id);
  }
  putMethod(spec: MethodSpec): void {
    this.#of(spec.apiId).putMethod(spec);
  }
  deleteMethod({ apiId, resourceId, httpMethod }: Pick<MethodSpec, 'apiId' | 'resourceId' | 'httpMethod'>): void {
    this.#apis.get(apiId)?.deleteMethod(resourceId, httpMethod);
  }
  putStage(spec: StageSpec): void {
    this.#of(spec.apiId).stages.set(spec.name, spec);
  }
  deleteStage(apiId: string, name: string): void {
    this.#apis.get(apiId)?.stages.delete(name);
  }
  putGatewayResponse(spec: GatewayResponseSpec): void {
    this.#of(spec.apiId).gatewayResponses.set(spec.type, spec);
  }
  deleteGatewayResponse(apiId: string, type: string): void {
    this.#apis.get(apiId)?.gatewayResponses.delete(type);
  }
  putAuthorizer(spec: AuthorizerSpec): void {
    this.#of(spec.apiId).authorizers.set(spec.id, spec);
  }
  deleteAuthorizer(apiId: string, id: string): void {
    this.#apis.get(apiId)?.authorizers.delete(id);
  }
  #of(apiId: string): ApiRecord {
    const api = this.#apis.get(apiId);
    if (!api) throw new Error(`There is no REST API ${apiId}.`);
    return api;
  }
}

class ApiRecord implements RestApi {
  readonly id: string;
  readonly name: string;
  readonly rootResourceId: string;
  readonly binaryMediaTypes: readonly string[];
  readonly stages: Map<string, StageSpec>;
  readonly gatewayResponses: Map<string, GatewayResponseSpec>;
  readonly authorizers: Map<string, AuthorizerSpec>;
  readonly #specs: Map<string, ResourceSpec>;
  readonly #methods: Map<string, Map<string, MethodSpec>>;
  /** Derived from the above at the first request after a change. */
  #resources: readonly Resource[] | undefined;

  /** @param before the API as it was, whose resources and stages stay */
  constructor({ id, name, rootResourceId, binaryMediaTypes }: RestApiSpec, before: ApiRecord | undefined) {
    this.id = id;
    this.name = name;
    this.rootResourceId = rootResourceId;
    this.binaryMediaTypes = binaryMediaTypes;
    this.stages = before?.stages ?? new Map();
    this.gatewayResponses = before?.gatewayResponses ?? new Map();
    this.authorizers = before?.authorizers ?? new Map();
    this.#specs = before ? before.#specs : new Map();
    this.#methods = before ? before.#methods : new Map();
  }

  resources(): readonly Resource[] {
    this.#resources ??= [this.rootResourceId, ...this.#specs.keys()].map(id => {
      const parts = this.#partsOf(id);
      return { id, parts, path: `/${parts.join('/')}`, methods: this.#methods.get(id) ?? new Map() };
    });
    return this.#resources;
  }
  putResource(spec: ResourceSpec): void {
    this.#specs.set(spec.id, spec);
    this.#resources = undefined;
  }
  deleteResource(id: string): void {
    this.#specs.delete(id);
    this.#methods.delete(id);
    this.#resources = undefined;
  }
  putMethod(spec: MethodSpec): void {
    const methods = this.#methods.get(spec.resourceId) ?? new Map<string, MethodSpec>();
    this.#methods.set(spec.resourceId, methods.set(spec.httpMethod, spec));
    this.#resources = undefined;
  }
  deleteMethod(resourceId: string, httpMethod: string): void {
    this.#methods.get(resourceId)?.delete(httpMethod);
  }

  #partsOf(id: string): string[] {
    if (id === this.rootResourceId) return [];
    const spec = this.#specs.get(id);
    if (!spec) throw new Error(`The REST API ${this.name} has no resource ${id}.`);
    return [...this.#partsOf(spec.parentId), spec.pathPart];
  }
}
