// One feature beside its partners in every other SAE, its like within its own, and the tokens that both fire on.
import { useEffect, useState } from 'react';
import type { FeatureWeights } from '../../../src/server/protocol.js';
import type { FeatureId } from '../data/engine.js';
import type { FeatureFacts, FeatureSeen } from '../data/partners.js';
import { count, percent, plain, score } from '../parts/format.js';
import { Panel } from '../parts/panel.js';
import { StarButton } from '../parts/star-button.js';
import { useAddress } from '../state/history.js';
import { shortName } from '../state/names.js';
import { type Session, useKnown, useSession } from '../state/session.js';
import { Family } from './family.js';
import { FeatureCard } from './feature-card.js';
import { OwnNeighbours } from './own-neighbours.js';
import { PartnerCard } from './partner-card.js';
import { Tokens } from './tokens.js';

export function Inspector() {
  const session = useSession();
  const { feature: id } = useAddress(session.address);
  const { seen, weights, missing } = useFeature(session, id);
  const group = session.group();
  if (!id) {
    return (
      <Panel id="inspector" title="One feature">
        <p className="empty">
          Choose a row of the table, press <kbd>j</kbd>, or go to one by its index: the feature stands here
          beside its partners in the other SAEs.
        </p>
      </Panel>
    );
  }
  const title = `${shortName(id.sae, group)} · ${id.feature}`;
  return (
    <Panel
      id="inspector"
      title={`Feature ${title}`}
      actions={
        <>
          <StarButton chosen={id} label={`feature ${title}`} />
          <button type="button" className="quiet" onClick={() => session.address.go({ feature: undefined })}>
            Close
          </button>
        </>
      }
    >
      {missing && (
        <p role="status" className="empty">
          There is no row of this feature: it does not exist in this group, or its decoder row has length 0.
        </p>
      )}
      {seen && <Seen seen={seen} weights={weights} />}
    </Panel>
  );
}

interface Found {
  readonly seen?: FeatureSeen | undefined;
  readonly weights?: FeatureWeights | undefined;
  readonly missing?: boolean;
}

function useFeature(session: Session, id: FeatureId | undefined): Found {
  const { table, folder } = useKnown();
  const [found, setFound] = useState<Found>({});
  const group = session.group();
  const [sae, feature] = [id?.sae, id?.feature];
  // Columns that come in later tell more of it.
  const known = table?.columns.length;
  useEffect(() => {
    if (known === undefined || !group || sae === undefined || feature === undefined) return setFound({});
    let current = true;
    const learn = (more: Found) => {
      if (current) setFound((before) => ({ ...before, ...more }));
    };
    void session.engine.feature(group.id, { sae, feature }).then((seen) => {
      learn({ seen, missing: !seen, weights: undefined });
      if (!seen || !folder?.weights.includes(seen.sae)) return;
      void session.source.weights(seen.sae, feature, group.saes).then((weights) => learn({ weights }));
    });
    return () => {
      current = false;
    };
  }, [session, group, sae, feature, known, folder]);
  return found;
}

function Seen({
  seen,
  weights,
}: {
  readonly seen: FeatureSeen;
  readonly weights: FeatureWeights | undefined;
}) {
  const { folder } = useKnown();
  const [chosen, choose] = useState<string>();
  const against = seen.partners.find(({ other }) => other === chosen) ?? seen.partners[0];
  return (
    <div className="feature">
      <Facts facts={seen.facts} />
      <h3>In the other SAEs</h3>
      <ul className="partners">
        {seen.partners.map((partner) => (
          <PartnerCard
            key={partner.other}
            of={seen}
            partner={partner}
            weights={weights}
            chosen={partner === against}
            choose={() => choose(partner.other)}
          />
        ))}
      </ul>
      {!folder?.weights.includes(seen.sae) && (
        <p className="note">
          The index of the second best partner, encoder cosines and the nearest features of the same SAE need
          the weights, which are not in this folder.
        </p>
      )}
      {weights && (
        <p className="note">
          {weights.codeRows === undefined
            ? 'Codes are compared with reseed explore --activations FILE.'
            : `Codes: cosine over ${count(weights.codeRows)} rows of the activations, not centred.`}
        </p>
      )}
      <Family key={`${seen.sae} ${seen.feature}`} seen={seen} />
      <OwnNeighbours seen={seen} weights={weights} />
      <Tokens seen={seen} against={against} />
      <FeatureCard seen={seen} />
    </div>
  );
}

function Facts({ facts }: { readonly facts: FeatureFacts }) {
  const { norm, firingRate, initCosine, stability } = facts;
  return (
    <dl className="facts">
      {firingRate !== undefined && (
        <Fact
          name="firing rate"
          value={plain(firingRate)}
          note={firingRate === 0 ? 'never fires' : undefined}
        />
      )}
      {norm !== undefined && <Fact name="norm" value={score(norm)} />}
      {initCosine !== undefined && <Fact name="with its start" value={score(initCosine)} />}
      {stability !== undefined && (
        <Fact name="comes back in" value={percent(stability)} note="of the other SAEs" />
      )}
    </dl>
  );
}

function Fact({
  name,
  value,
  note,
}: {
  readonly name: string;
  readonly value: string;
  readonly note?: string | undefined;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} {note !== undefined && <small>{note}</small>}
      </dd>
    </div>
  );
}
