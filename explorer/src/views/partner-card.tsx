// The partner of a feature in one other SAE: how near it is, and what is known of it beside the feature itself.
import type { ReactNode } from 'react';
import type { FeatureWeights } from '../../../src/server/protocol.js';
import type { FeatureSeen, Partner } from '../data/partners.js';
import { plain, score } from '../parts/format.js';
import { IndexButton } from '../parts/index-button.js';
import { StarButton } from '../parts/star-button.js';
import { shortName } from '../state/names.js';
import { useSession } from '../state/session.js';

interface PartnerProps {
  readonly of: FeatureSeen;
  readonly partner: Partner;
  readonly weights: FeatureWeights | undefined;
  readonly chosen: boolean;
  readonly choose: () => void;
}

export function PartnerCard({ of, partner, weights, chosen, choose }: PartnerProps) {
  const { other, partner: index, cosine } = partner;
  const name = shortName(other, useSession().group());
  return (
    <li className={chosen ? 'chosen' : undefined}>
      <div className="partner-head">
        <button
          type="button"
          className="partner-name"
          aria-pressed={chosen}
          title="Compare tokens with this one"
          onClick={choose}
        >
          {name}
        </button>
        <StarButton
          chosen={{ sae: of.sae, feature: of.feature, partner: { sae: other, feature: index } }}
          label={`the pair with ${name} ${index}`}
        />
      </div>
      <Meter value={cosine} />
      <dl>
        <Match partner={partner} weights={weights} />
        <PartnerFacts facts={partner.of} />
      </dl>
    </li>
  );
}

/** How well the two match; the weights, where they are there, tell more of it. */
function Match({ partner, weights }: Pick<PartnerProps, 'partner' | 'weights'>) {
  const { address } = useSession();
  const { other, partner: index, cosine, second, mutual, assigned, assignedCosine, qValue } = partner;
  const nearest = weights?.others.find(({ sae }) => sae === other)?.nearest;
  const best = nearest?.find(({ feature }) => feature === index);
  const next = nearest?.find(({ feature }) => feature !== index);
  const open = (feature: number) => address.go({ feature: { sae: other, feature } });
  return (
    <>
      <Line name="best">
        <IndexButton index={index} open={open} /> {score(cosine)}
      </Line>
      <Line name="mutual">{mutual ? 'yes' : 'no'}</Line>
      <Line name="second">
        {next ? (
          <>
            <IndexButton index={next.feature} open={open} /> {score(next.cosine)}
          </>
        ) : (
          `|${score(second)}|`
        )}
      </Line>
      <Line name="margin">{score(Math.abs(cosine) - second)}</Line>
      <Line name="one-to-one">
        {assigned === undefined ? (
          '–'
        ) : assigned === index ? (
          'the best'
        ) : (
          <>
            <IndexButton index={assigned} open={open} />{' '}
            {assignedCosine !== undefined && score(assignedCosine)}
          </>
        )}
      </Line>
      {best?.encoder !== undefined && <Line name="encoders">{score(best.encoder)}</Line>}
      {weights?.codeRows !== undefined && (
        <Line name="codes">{best?.codes === undefined ? 'one never fires' : score(best.codes)}</Line>
      )}
      {qValue !== undefined && <Line name="q">{plain(qValue)}</Line>}
    </>
  );
}

function PartnerFacts({ facts }: { readonly facts: Partner['of'] }) {
  return (
    <>
      {facts?.firingRate !== undefined && <Line name="its rate">{plain(facts.firingRate)}</Line>}
      {facts?.norm !== undefined && <Line name="its norm">{score(facts.norm)}</Line>}
      {facts?.initCosine !== undefined && <Line name="its start">{score(facts.initCosine)}</Line>}
    </>
  );
}

function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Meter({ value }: { readonly value: number }) {
  return (
    <div className={`meter${value < 0 ? ' negative' : ''}`} aria-hidden="true">
      <i style={{ width: `${100 * Math.abs(value)}%` }} />
    </div>
  );
}
