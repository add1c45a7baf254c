import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/**
 * One logger and one set of metrics a function. Name, level and namespace come from Powertools' own variables
 * (POWERTOOLS_SERVICE_NAME, POWERTOOLS_LOG_LEVEL, POWERTOOLS_METRICS_NAMESPACE). Metrics carry no dimension but the
 * service, since each further combination is billed as a metric of its own.
 */
export const logger = new Logger();
export const metrics = new Metrics();
