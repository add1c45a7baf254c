import type { Exchange, Handler } from '../contracts.ts';
import { jsonError, jsonReply, REST_JSON } from '../wire.ts';
import type { FaultControl } from './faults.ts';
import { FaultPlanError } from './plan.ts';

const PATH = '/_local/faults';

/** `GET`, `PUT` and `DELETE /_local/faults`: what goes wrong, and how often it has; another plan; none. */
export function faultAdmin(faults: FaultControl): Handler {
  return async exchange => {
    const { method, path, response } = exchange;
    if (path !== PATH) return refuse(exchange, 404, 'NotFound', `Only ${PATH} is here.`);
    if (method === 'GET') return jsonReply(response, faults.report(), REST_JSON);
    if (method === 'DELETE') return jsonReply(response, faults.change({}), REST_JSON);
    if (method !== 'PUT') return refuse(exchange, 405, 'MethodNotAllowed', 'Use GET, PUT or DELETE.');
    try {
      jsonReply(response, faults.change(JSON.parse((await exchange.body()).toString())), REST_JSON);
    } catch (error) {
      const isWrong = error instanceof FaultPlanError || error instanceof SyntaxError;
      if (!isWrong) throw error;
      refuse(exchange, 400, 'ValidationException', error.message);
    }
  };
}

const refuse = ({ response }: Exchange, status: number, code: string, message: string) =>
  jsonError(response, status, code, message, { contentType: REST_JSON });
