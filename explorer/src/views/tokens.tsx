// Tokens that a feature and its partner fire on: the same texts, one under the other, on one scale of colour.
import { useEffect, useMemo, useState } from 'react';
import { type Example, type ExampleKind, exampleKinds } from '../data/examples.js';
import type { FeatureSeen, Partner } from '../data/partners.js';
import { plain } from '../parts/format.js';
import { Switch } from '../parts/switch.js';
import { shortName } from '../state/names.js';
import { useKnown, useSession } from '../state/session.js';

interface TokensProps {
  readonly seen: FeatureSeen;
  readonly against: Partner | undefined;
}

export function Tokens({ seen, against }: TokensProps) {
  const { examples, examplesProblem } = useKnown();
  const [kind, setKind] = useState<ExampleKind>('top');
  const { mine, theirs } = useExamples(seen, against);
  const most = useMemo(
    () => Math.max(0, ...[...mine, ...theirs].flatMap(({ codes }) => codes)),
    [mine, theirs],
  );
  if (!examples) {
    return (
      <>
        <h3>Tokens</h3>
        <p className="note">
          {examplesProblem ??
            'No tokens were given: compare --tokens, or tokens in the study file, writes what each feature fires on.'}
        </p>
      </>
    );
  }
  const shown = mine.filter((one) => one.kind === kind);
  return (
    <>
      <h3>Tokens</h3>
      <Switch legend="Which texts" choices={kinds} chosen={kind} choose={setKind} />
      {shown.length === 0 && <p className="note">There are no {kind} texts of this feature.</p>}
      <ul className="texts">
        {shown.map((example) => (
          <li key={`${example.kind} ${example.row}`}>
            <Text sae={seen.sae} example={example} against={against} theirs={theirs} most={most} />
          </li>
        ))}
      </ul>
      <p className="legend">
        <i className="ramp" /> 0 to {plain(most)}, the same for both features
      </p>
    </>
  );
}

const kinds = exampleKinds.map((id) => ({ id, label: id }));

/** Examples of a feature and of its partner, once they are read. */
function useExamples(seen: FeatureSeen, against: Partner | undefined) {
  const { examples } = useKnown();
  const [mine, setMine] = useState<readonly Example[]>([]);
  const [theirs, setTheirs] = useState<readonly Example[]>([]);
  const [other, partner] = [against?.other, against?.partner];
  useEffect(() => {
    let current = true;
    void examples?.of(seen.sae, seen.feature).then((found) => current && setMine(found));
    if (other !== undefined && partner !== undefined)
      void examples?.of(other, partner).then((found) => current && setTheirs(found));
    return () => {
      current = false;
    };
  }, [examples, seen, other, partner]);
  return { mine, theirs };
}

interface TextProps {
  readonly sae: string;
  readonly example: Example;
  readonly against: Partner | undefined;
  /** Examples of the partner. */
  readonly theirs: readonly Example[];
  readonly most: number;
}

/** One text, with what the feature does on it and below it what the partner does on the same. */
function Text({ sae, example, against, theirs, most }: TextProps) {
  const group = useSession().group();
  const same = theirs.find(({ row }) => row === example.row);
  return (
    <>
      <Line name={shortName(sae, group)} example={example} most={most} />
      {against &&
        (same ? (
          <Line name={shortName(against.other, group)} example={same} most={most} />
        ) : (
          <p className="note">
            {shortName(against.other, group)} {against.partner}: not recorded on this text
          </p>
        ))}
    </>
  );
}

function Line({
  name,
  example,
  most,
}: {
  readonly name: string;
  readonly example: Example;
  readonly most: number;
}) {
  const { tokens, codes, at } = example;
  return (
    <p className="tokens">
      <span className="who">{name}</span>
      {tokens.map((token, i) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place in the text
          key={i}
          className={i === at ? 'token most' : 'token'}
          title={`${JSON.stringify(token)}: ${plain(codes[i] ?? 0)}`}
          style={{ backgroundColor: tokenColour((codes[i] ?? 0) / (most || 1)) }}
        >
          {token.replaceAll('\n', '↵')}
        </span>
      ))}
    </p>
  );
}

function tokenColour(share: number): string {
  return `color-mix(in srgb, var(--fires) ${Math.round(62 * Math.max(0, Math.min(1, share)))}%, transparent)`;
}
