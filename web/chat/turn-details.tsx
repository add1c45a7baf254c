import { Dialog } from '../components/dialog.tsx';
import { useFormats, useStrings } from '../strings/strings.tsx';
import type { Turn } from './turn.ts';

interface TurnDetailsProps {
  readonly turn: Turn;
  readonly onClose: () => void;
}

/** What an answer took. */
export function TurnDetails({ turn, onClose }: TurnDetailsProps) {
  const { chat } = useStrings();
  const formats = useFormats();
  const { usage, latencyMs, model, groundedness, cached, createdAt } = turn;
  const rows = [
    [chat.detail.cost, usage && formats.dollars(usage.costUsd)],
    [
      chat.detail.tokens,
      usage && chat.detail.tokenCounts(formats.number(usage.inputTokens), formats.number(usage.outputTokens)),
    ],
    [chat.detail.latency, latencyMs !== undefined && formats.seconds(latencyMs)],
    [chat.detail.model, model ?? chat.detail.noModel],
    [chat.detail.groundedness, groundedness !== undefined && formats.percent(groundedness)],
    [chat.detail.cached, cached && chat.detail.cachedYes],
    [chat.detail.asked, formats.dateTime(createdAt)],
  ] as const;
  return (
    <Dialog form="small" title={chat.details} isOpen onClose={onClose}>
      <dl className="facts">
        {rows.map(([name, value]) =>
          value ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
    </Dialog>
  );
}
