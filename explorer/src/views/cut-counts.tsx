// What the cut makes of the selected features: by the partner that they have, by how many SAEs they come back in, SAE by SAE.
import type { Summary } from '../data/summary.js';
import { count, percent } from '../parts/format.js';
import { shortName } from '../state/names.js';
import { useSession } from '../state/session.js';

interface Part {
  readonly name: string;
  readonly value: number;
  readonly tone: string;
}

export function CutCounts({ summary }: { readonly summary: Summary }) {
  const session = useSession();
  const { classes, features, saes } = summary;
  const group = session.group();
  return (
    <div className="cut-counts">
      <Bar
        title="Features in other SAEs, by their partner"
        parts={[
          { name: 'mutual', value: classes.mutual, tone: 'mutual' },
          { name: 'one-sided', value: classes.oneSided, tone: 'one-sided' },
          { name: 'none', value: classes.none, tone: 'none' },
        ]}
      />
      <Bar
        title="Features that have a partner in"
        parts={[
          { name: 'every SAE', value: features.every, tone: 'mutual' },
          { name: 'some', value: features.some, tone: 'one-sided' },
          { name: 'none', value: features.none, tone: 'none' },
        ]}
      />
      {saes.length > 1 && (
        <dl className="by-sae" aria-label="In every SAE, by SAE">
          {saes.map(({ sae, features: n, every }) => (
            <div key={sae}>
              <dt>{shortName(sae, group)}</dt>
              <dd>
                {count(every)} <small>{n > 0 ? percent(every / n) : '–'}</small>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function Bar({ title, parts }: { readonly title: string; readonly parts: readonly Part[] }) {
  const all = parts.reduce((sum, { value }) => sum + value, 0);
  return (
    <figure className="share-bar">
      <figcaption>{title}</figcaption>
      <div className="share-track" aria-hidden="true">
        {parts.map(({ name, value, tone }) => (
          <i key={name} className={tone} style={{ width: `${all > 0 ? (100 * value) / all : 0}%` }} />
        ))}
      </div>
      <dl>
        {parts.map(({ name, value, tone }) => (
          <div key={name}>
            <dt>
              <i className={`swatch ${tone}`} /> {name}
            </dt>
            <dd>
              {count(value)} <small>{all > 0 ? percent(value / all) : '–'}</small>
            </dd>
          </div>
        ))}
      </dl>
    </figure>
  );
}
