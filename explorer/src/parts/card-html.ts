// The card of a feature: HTML that stands by itself in any page, on light paper.
import type { GroupInFile } from '../../../src/results/results-file.js';
import type { FeatureSeen } from '../data/partners.js';
import { shortName } from '../state/names.js';
import { plain, score } from './format.js';

export function cardHtml(
  { sae, feature, facts, partners }: FeatureSeen,
  title: string,
  group: GroupInFile | undefined,
): string {
  const { firingRate, norm } = facts;
  const known = [
    ...(firingRate === undefined ? [] : [`firing rate ${plain(firingRate)}`]),
    ...(norm === undefined ? [] : [`norm ${score(norm)}`]),
  ].join(', ');
  const cell = 'padding:2px 12px 2px 0;border-top:1px solid #dcd8cf';
  const rows = partners.map(
    ({ other, partner, cosine, mutual }) =>
      `<tr><td style="${cell}">${escaped(shortName(other, group))}</td><td style="${cell};text-align:right">${partner}</td>` +
      `<td style="${cell};text-align:right">${score(cosine)}</td><td style="${cell}">${mutual ? 'mutual' : ''}</td></tr>`,
  );
  return (
    `<figure style="margin:0;max-width:26rem;padding:14px 18px;border:1px solid #dcd8cf;border-radius:8px;background:#fdfcfa;` +
    `color:#1d1d1b;font:14px/1.45 system-ui,sans-serif"><figcaption style="margin-bottom:6px"><strong>Feature ${feature} of ` +
    `${escaped(shortName(sae, group))}</strong><br><span style="color:#5b5953">${escaped(title)}${known && ` · ${known}`}</span></figcaption>` +
    `<table style="border-collapse:collapse;font-variant-numeric:tabular-nums"><tr style="color:#5b5953;text-align:left">` +
    `<th style="padding-right:12px;font-weight:400">seen in</th><th style="padding-right:12px;font-weight:400">partner</th>` +
    `<th style="padding-right:12px;font-weight:400">cosine</th><th></th></tr>${rows.join('')}</table></figure>`
  );
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
