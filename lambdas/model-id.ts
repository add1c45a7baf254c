const GEOGRAPHY = /^(?:us|eu|apac|jp|au|ca|global|us-gov)\./;

/** The id of a model without the geography of an inference profile. @param modelId an id or an ARN */
export const baseModelIdOf = (modelId: string): string =>
  modelId.slice(modelId.lastIndexOf('/') + 1).replace(GEOGRAPHY, '');
