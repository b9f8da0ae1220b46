// The family of a feature: the features of other SAEs that are the same one, side by side.
import { useEffect, useState } from 'react';
import type { FamilySeen } from '../data/families.js';
import { filterText, parseFilter, withoutPair, withTerms } from '../data/filter.js';
import type { FeatureSeen } from '../data/partners.js';
import { plain, score } from '../parts/format.js';
import { IndexButton } from '../parts/index-button.js';
import { shortName } from '../state/names.js';
import { useKnown, useSession } from '../state/session.js';

/** Nothing where the folder has no families. */
export function Family({ seen }: { readonly seen: FeatureSeen }) {
  const session = useSession();
  const { table } = useKnown();
  const [found, setFound] = useState<FamilySeen>();
  const group = session.group();
  const known = table?.columns.includes('family') ?? false;
  const { sae, feature } = seen;
  useEffect(() => {
    if (!known || !group) return;
    let current = true;
    void session.engine.family(group.id, { sae, feature }).then((family) => {
      if (current) setFound(family);
    });
    return () => {
      current = false;
    };
  }, [session, group, known, sae, feature]);
  if (!known) return null;
  if (!found) return <p className="note">It is in no family: no other SAE has a feature that is the same.</p>;
  const show = () => {
    const { terms } = parseFilter(session.address.get().filter);
    const others = withTerms(withoutPair(terms), 'family', []);
    const own = { of: 'number', column: 'family', op: '=', value: found.family } as const;
    session.address.go({ filter: filterText([...others, own]) });
  };
  const cosineWith = (member: { readonly sae: string; readonly feature: number }) => {
    const partner = seen.partners.find(({ other }) => other === member.sae);
    if (partner?.partner === member.feature) return score(partner.cosine);
    if (partner?.assigned === member.feature && partner.assignedCosine !== undefined) {
      return score(partner.assignedCosine);
    }
    return member.sae === sae ? 'itself' : '–';
  };
  return (
    <section className="family" aria-label="Its family">
      <h3>
        Family {found.family}, in {found.members.length} of {found.of} SAEs
      </h3>
      <table>
        <thead>
          <tr>
            <th scope="col">SAE</th>
            <th scope="col">feature</th>
            <th scope="col">cosine</th>
            <th scope="col">firing rate</th>
            <th scope="col">norm</th>
          </tr>
        </thead>
        <tbody>
          {found.members.map((member) => (
            <tr key={member.sae}>
              <th scope="row">{shortName(member.sae, group)}</th>
              <td>
                <IndexButton
                  index={member.feature}
                  open={(index) => session.address.go({ feature: { sae: member.sae, feature: index } })}
                />
              </td>
              <td>{cosineWith(member)}</td>
              <td>{member.facts.firingRate === undefined ? '–' : plain(member.facts.firingRate)}</td>
              <td>{member.facts.norm === undefined ? '–' : score(member.facts.norm)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" className="quiet" onClick={show}>
        Its rows in the table
      </button>
    </section>
  );
}
