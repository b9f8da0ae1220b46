// What is like a feature within its own SAE: parts that it was split into, or copies of it.
import type { FeatureWeights } from '../../../src/server/protocol.js';
import type { FeatureSeen } from '../data/partners.js';
import { score } from '../parts/format.js';
import { IndexButton } from '../parts/index-button.js';
import { shortName } from '../state/names.js';
import { useSession } from '../state/session.js';

interface OwnProps {
  readonly seen: FeatureSeen;
  readonly weights: FeatureWeights | undefined;
}

export function OwnNeighbours({ seen, weights }: OwnProps) {
  const session = useSession();
  const group = session.group();
  const open = (feature: number) => session.address.go({ feature: { sae: seen.sae, feature } });
  const shared = seen.partners.filter(({ rivals }) => rivals.length > 0);
  return (
    <>
      <h3>In its own SAE</h3>
      {weights && (
        <>
          <p className="note">Nearest decoder rows, with the cosine</p>
          <ul className="neighbours">
            {weights.own.map(({ feature, cosine }) => (
              <li key={feature}>
                <IndexButton index={feature} open={open} /> {score(cosine)}
              </li>
            ))}
          </ul>
        </>
      )}
      {shared.length === 0 ? (
        <p className="note">No other feature of this SAE has the same partner anywhere.</p>
      ) : (
        shared.map(({ other, partner, rivals }) => (
          <div key={other}>
            <p className="note">
              Also nearest to {shortName(other, group)} {partner}
            </p>
            <ul className="neighbours">
              {rivals.map(({ feature, cosine }) => (
                <li key={feature}>
                  <IndexButton index={feature} open={open} /> {score(cosine)}
                </li>
              ))}
            </ul>
          </div>
        ))
      )}
    </>
  );
}
