import type { DatabaseSync } from 'node:sqlite';
import type { Value } from '../assembly.ts';
import type { DeployedResource } from './resource.ts';

/** What is deployed, so that the next start finds its own again. */
export interface DeployedResources {
  /** In the order of creation. */
  all(): DeployedResource[];
  save(resource: DeployedResource): void;
  forget(logicalId: string): void;
}

/** The deployed resources of one stack in the state database. */
export function deployedResources(database: DatabaseSync, stackName: string): DeployedResources {
  database.exec(`CREATE TABLE IF NOT EXISTS deployed_resources (
    stack TEXT NOT NULL, logical_id TEXT NOT NULL, type TEXT NOT NULL, physical_id TEXT NOT NULL,
    properties TEXT NOT NULL, attributes TEXT NOT NULL, deletion_policy TEXT NOT NULL,
    ordinal INTEGER NOT NULL, cloud_url TEXT NOT NULL,
    PRIMARY KEY (stack, logical_id)) STRICT`);
  const select = database.prepare('SELECT * FROM deployed_resources WHERE stack = ? ORDER BY ordinal');
  const replace = database.prepare('INSERT OR REPLACE INTO deployed_resources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM deployed_resources WHERE stack = ? AND logical_id = ?');
  return {
    all: () => select.all(stackName).map(fromRow),
    save: ({ logicalId, type, physicalId, properties, attributes, deletionPolicy, ordinal, cloudUrl }) => {
      const json = [JSON.stringify(properties), JSON.stringify(attributes)] as const;
      replace.run(stackName, logicalId, type, physicalId, ...json, deletionPolicy, ordinal, cloudUrl);
    },
    forget: logicalId => {
      remove.run(stackName, logicalId);
    },
  };
}

function fromRow(row: Record<string, unknown>): DeployedResource {
  return {
    logicalId: String(row.logical_id),
    type: String(row.type),
    physicalId: String(row.physical_id),
    properties: values(row.properties),
    attributes: values(row.attributes),
    deletionPolicy: row.deletion_policy === 'Retain' ? 'Retain' : 'Delete',
    ordinal: Number(row.ordinal),
    cloudUrl: String(row.cloud_url),
  };
}

// Written by `save` above, from such a record.
const values = (json: unknown): Record<string, Value> => JSON.parse(String(json));
