import { useCallback, useState } from 'react';
import type { ApiKey } from '../api/administration.ts';
import { useQuery } from '../api/use-query.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/dialog.tsx';
import { EmptyState, ErrorState, LoadingState } from '../components/states.tsx';
import { Cell, Column, Row, Table, TableBody, TableHeader } from '../components/table.tsx';
import { notify } from '../components/toast.tsx';
import { useReport } from '../components/use-report.ts';
import { useAdministrationStrings } from '../strings/administration.ts';
import { useFormats, useStrings } from '../strings/strings.tsx';
import type { SectionProps } from './index.tsx';
import { KeyDialog } from './key-dialog.tsx';
import { keyStateOf } from './key-state.ts';

const TONES = { active: 'good', expired: 'neutral', revoked: 'bad' } as const;
/** A tenant has few keys; older ones are forgotten some time after they end. */
const SHOWN = 100;

/** Keys of programs: made, shown once, revoked. */
export function KeysSection({ administration }: SectionProps) {
  const { keys } = useAdministrationStrings();
  const report = useReport();
  const [isCreating, setCreating] = useState(false);
  const [toRevoke, setToRevoke] = useState<ApiKey>();
  const ask = useCallback((signal: AbortSignal) => administration.keys({ limit: SHOWN }, signal), [administration]);
  const { data, error, reload } = useQuery(ask);
  const revoke = async ({ keyId, name }: ApiKey) => {
    setToRevoke(undefined);
    try {
      await administration.revokeKey(keyId);
      notify(keys.revoked(name));
    } catch (failure) {
      report(failure);
    }
    reload();
  };
  return (
    <section className="section">
      <div className="section__head">
        <p className="hint">{keys.lead}</p>
        <Button look="primary" icon="plus" onPress={() => setCreating(true)}>
          {keys.create}
        </Button>
      </div>
      {error !== undefined && !data && <ErrorState error={error} onRetry={reload} />}
      {error === undefined && !data && <LoadingState />}
      {data && data.keys.length === 0 && (
        <EmptyState icon="key" title={keys.none}>
          {keys.noneLead}
        </EmptyState>
      )}
      {data && data.keys.length > 0 && <KeyTable keys={data.keys} onRevoke={setToRevoke} />}
      <KeyDialog
        isOpen={isCreating}
        onClose={() => setCreating(false)}
        onCreate={async key => {
          const created = await administration.createKey(key);
          reload();
          return created;
        }}
      />
      <ConfirmDialog
        isOpen={toRevoke !== undefined}
        onClose={() => setToRevoke(undefined)}
        title={keys.revokeTitle}
        action={keys.revoke}
        isDangerous
        onConfirm={() => toRevoke && void revoke(toRevoke)}
      >
        <p>{toRevoke && keys.revokeText(toRevoke.name)}</p>
      </ConfirmDialog>
    </section>
  );
}

function KeyTable({ keys, onRevoke }: { keys: readonly ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  const { keys: words } = useAdministrationStrings();
  const { shell } = useStrings();
  const { date } = useFormats();
  return (
    <Table aria-label={words.list}>
      <TableHeader>
        <Column isRowHeader>{words.key}</Column>
        <Column>{words.role}</Column>
        <Column>
          <span className="wide-only">{words.made}</span>
        </Column>
        <Column>
          <span className="wide-only">{words.expires}</span>
        </Column>
        <Column>{words.state}</Column>
        <Column>
          <span className="visually-hidden">{words.actions}</span>
        </Column>
      </TableHeader>
      <TableBody items={keys.map(key => ({ id: key.keyId, ...key }))}>
        {key => {
          const state = keyStateOf(key, Date.now());
          return (
            <Row textValue={key.name}>
              <Cell>
                <span className="strong breakable">{key.name}</span>
                <span className="document-key">
                  <code>{`gwk_${key.keyId}_…`}</code>
                </span>
              </Cell>
              <Cell>
                {shell.roles[key.role]}
                <span className="document-key breakable">{key.groups.join(', ')}</span>
              </Cell>
              <Cell>
                <span className="wide-only nowrap">{date(key.createdAt)}</span>
              </Cell>
              <Cell>
                <span className="wide-only nowrap">{date(key.expiresAt)}</span>
              </Cell>
              <Cell>
                <Badge tone={TONES[state]}>{words.states[state]}</Badge>
              </Cell>
              <Cell align="end">
                {state === 'active' && (
                  <Button size="small" onPress={() => onRevoke(key)}>
                    {words.revoke}
                  </Button>
                )}
              </Cell>
            </Row>
          );
        }}
      </TableBody>
    </Table>
  );
}
