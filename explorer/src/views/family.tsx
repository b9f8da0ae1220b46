// The family of a feature: the features of other SAEs that are the same one, side by side.
import { useEffect, useState } from 'react';
import type { FamilySeen } from '../data/families.js';
import { filterText, parseFilter, withoutPair, withTerms } from '../data/filter.js';
import type { FeatureSeen } from '../data/partners.js';
import { plain, score } from '../parts/format.js';
import { IndexButton } from '../parts/index-button.js';
import { shortName } from '../state/names.js';
import { type Session, useKnown, useSession } from '../state/session.js';

/** Nothing where the folder has no families. */
export function Family({ seen }: { readonly seen: FeatureSeen }) {
  const session = useSession();
  const { known, found } = useFamily(session, seen);
  if (!known) return null;
  if (!found) return <p className="note">It is in no family: no other SAE has a feature that is the same.</p>;
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
            <Member key={member.sae} member={member} cosine={cosineWith(seen, member)} />
          ))}
        </tbody>
      </table>
      <button type="button" className="quiet" onClick={() => showFamily(session, found)}>
        Its rows in the table
      </button>
    </section>
  );
}

/** Whether families are known at all, and that of a feature; undefined while it is looked up, and where it is in none. */
function useFamily(session: Session, { sae, feature }: FeatureSeen) {
  const { table } = useKnown();
  const [found, setFound] = useState<FamilySeen>();
  const group = session.group();
  const known = table?.columns.includes('family') ?? false;
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
  return { known, found };
}

type FamilyMember = FamilySeen['members'][number];

function Member({ member, cosine }: { readonly member: FamilyMember; readonly cosine: string }) {
  const session = useSession();
  const { firingRate, norm } = member.facts;
  return (
    <tr>
      <th scope="row">{shortName(member.sae, session.group())}</th>
      <td>
        <IndexButton
          index={member.feature}
          open={(index) => session.address.go({ feature: { sae: member.sae, feature: index } })}
        />
      </td>
      <td>{cosine}</td>
      <td>{firingRate === undefined ? '–' : plain(firingRate)}</td>
      <td>{norm === undefined ? '–' : score(norm)}</td>
    </tr>
  );
}

/** Known of the best partner and of the one-to-one partner. */
function cosineWith({ sae, partners }: FeatureSeen, member: FamilyMember): string {
  const partner = partners.find(({ other }) => other === member.sae);
  if (partner?.partner === member.feature) return score(partner.cosine);
  if (partner?.assigned === member.feature && partner.assignedCosine !== undefined) {
    return score(partner.assignedCosine);
  }
  return member.sae === sae ? 'itself' : '–';
}

function showFamily({ address }: Session, { family }: FamilySeen): void {
  const { terms } = parseFilter(address.get().filter);
  const others = withTerms(withoutPair(terms), 'family', []);
  const own = { of: 'number', column: 'family', op: '=', value: family } as const;
  address.go({ filter: filterText([...others, own]) });
}
