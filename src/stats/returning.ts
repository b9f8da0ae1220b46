// How many features come back at all, of which some have not yet been seen twice: as ecology counts the species it has not seen.
//
// Of n SAEs, Q_s features are in s of them, s = 2 … n. What is in one alone may be a feature that comes back or one that never
// will, which nothing tells apart, so Q_1 is not used, as Chiu and Chao (2016) leave singletons out where some of them are errors.
// A feature that comes back is found by an SAE with a probability π of its own, by each SAE independently. Over these features π
// has a beta distribution, α ≥ 1, β > 0; a share of them besides has π = 1. So the number of SAEs that have it
// is beta-binomial, of which s ≥ 2 is seen:
//   P(s) = C(n, s)·B(s + α, n − s + β)/B(α, β),   T = 1 − P(0) − P(1),
//   seen: (1 − v)·P(s)/T, and v more at s = n;   unseen ones for each that is seen: ω = (1 − v)·(P(0) + P(1))/T.
// Unseen: U = S·ω, S = Σ Q_s, in no family yet, though it comes back. One more SAE adds S·(1 − v)/T·n·B(2 + α, n − 1 + β)/B(α, β)
// families: those in one SAE so far that it has too.
// α ≥ 1 says that features with π near 0 are no more than those with any other π. Something of the kind must be
// assumed: features that come back next to never can be any number, and no data of n SAEs can tell (Link 2003).
//
// Parameters: maximum likelihood over the mean μ of π and φ = 1/(α + β) ≤ μ, with which P(s) = C(n, s)·Π_{t<s}(μ + tφ)·
// Π_{t<n−s}(1 − μ + tφ)/Π_{t<n}(1 + tφ); v in closed form. The 95 % interval is all that parameters within ½·χ²₁(0.95) of the best
// log-likelihood give, each μ and φ with its best v (at its lower end also `unseenAtLeast`, for other distributions), widened by 1.96·√(S·ω·(1 + ω)): how much U scatters about S·ω. Below three SAEs nothing can be told.
// With three there are two counts, Q_2 and Q_3, and any Q_3 is explained by features that are always found, whatever π the others
// have: a π near 0, too, and then next to all is unseen. So there is no upper end, and the value is that of v = 0. What one SAE more
// adds is bounded all the same: it finds E[3π²(1 − π)²] new ones, no more than E[3π²(1 − π)] are in two.
// With three SAEs and v = 0, and with four, counts are as few as parameters, so that models of many φ/μ explain them equally well. The
// value is then that of the middle one of these φ/μ; which of them is likelier by the last digits says nothing.
// Fewer SAEs: a family of s is one among k of n with probability 1 − C(n − s, k)/C(n, k) − s·C(n − s, k − 1)/C(n, k) (rarefaction,
// Hurlbert 1971; two rather than one of its members must be among them).
// `unseenAtLeast`: Cauchy and Schwarz's inequality for the moments m_s = Q_s/C(n, s) of π^s·(1 − π)^(n − s): m_1 ≥ m_2²/m_3, m_0 ≥ m_2³/m_3², so
// U is at least n·m_2²/m_3 + m_2³/m_3², whatever the distribution (Chao 1987's bound, without singletons); equal where all have one π.
// Sources: Chao, Biometrics 43, 1987; Chiu and Chao, PeerJ 4:e1634, 2016; Link, Biometrics 59, 2003; Hurlbert, Ecology 52, 1971.

/** A number that is estimated, with its 95 % interval. */
export interface Estimated {
  readonly value: number;
  readonly low: number;
  /** Absent where the data set no bound. */
  readonly high?: number;
}

export interface Returning {
  /** Features that come back, and are in no family yet. */
  readonly unseen: Estimated;
  /** At least so many are, whatever the distribution of π; absent where no feature is in three SAEs. */
  readonly unseenAtLeast?: number;
  /** Share of the features that come back that are in a family. */
  readonly seen: Estimated;
  /** Families that one more SAE adds. */
  readonly oneMore: Estimated;
  /** Families in 2, 3 … n SAEs, on average over which they are, and in n + 1 … 2n as expected. */
  readonly curve: readonly { readonly saes: number; readonly families: number }[];
}

/** SAEs from which on the counts tell how many features are always found. */
const enoughForAlways = 4;

/** SAEs up to which counts can be explained in many ways. */
const fewCounts = 4;

/** Log-likelihoods that differ by less are the same. */
const same = 1e-6;

/** ½·χ²₁(0.95) */
const within = 1.9207;

/** Beyond this many unseen features for each that is seen the data say nothing. */
const boundless = 1e3;

/** φ/μ from 0 to 1. */
const shapes = Array.from({ length: 41 }, (_, at) => at / 40);

interface Model {
  readonly mu: number;
  readonly phi: number;
  readonly v: number;
  readonly logLikelihood: number;
}

/**
 * Undefined below three SAEs, or where no feature is in more than two: then all may be as rare as can be.
 * @param counts [n + 1] features by the number of SAEs they are in; those in none and in one are not looked at
 */
export function returningFeatures(counts: readonly number[]): Returning | undefined {
  const n = counts.length - 1;
  const seen = counts.slice(2).reduce((sum, count) => sum + count, 0);
  if (!counts.slice(3).some((count) => count > 0)) return undefined;
  const models = likelyModels(counts, true);
  const best = n > fewCounts ? likeliest(models) : middleOfLikeliest(counts, n >= enoughForAlways);
  const top = likeliest(models);
  const likely = models.filter(({ logLikelihood }) => logLikelihood >= top.logLikelihood - within);
  const of = (ratio: (model: Model) => number): Estimated => {
    const ratios = likely.map(ratio);
    const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
    const scatter = (omega: number) => 1.96 * Math.sqrt(seen * omega * (1 + omega));
    return {
      value: seen * ratio(best),
      low: Math.max(0, seen * low - scatter(low)),
      ...(high < boundless ? { high: seen * high + scatter(high) } : {}),
    };
  };
  const fitted = of((model) => unseenRatio(n, model));
  const bound = momentBound(counts);
  const unseen = bound ? { ...fitted, low: Math.min(fitted.low, bound.low) } : fitted;
  return {
    unseen,
    ...(bound ? { unseenAtLeast: bound.value } : {}),
    seen: {
      value: seen / (seen + unseen.value),
      low: unseen.high === undefined ? 0 : seen / (seen + unseen.high),
      high: seen / (seen + unseen.low),
    },
    oneMore: of((model) => newRatio(n, model)),
    curve: [
      ...Array.from({ length: n - 1 }, (_, at) => ({ saes: at + 2, families: rarefied(counts, at + 2) })),
      ...Array.from({ length: n }, (_, at) => ({
        saes: n + 1 + at,
        families: seen * expectedRatio(n, n + 1 + at, best),
      })),
    ],
  };
}

/** P(s) of s of n SAEs. */
export function betaBinomial(n: number, s: number, mu: number, phi: number): number {
  let p = 1;
  // C(n, s) is multiplied in on the way, so that nothing overflows.
  for (let t = 0; t < s; t++) p *= ((mu + t * phi) / (1 + t * phi)) * ((n - t) / (s - t));
  for (let t = 0; t < n - s; t++) p *= (1 - mu + t * phi) / (1 + (s + t) * phi);
  return p;
}

function seenOnceOrNever(n: number, { mu, phi }: Pick<Model, 'mu' | 'phi'>): number {
  return betaBinomial(n, 0, mu, phi) + betaBinomial(n, 1, mu, phi);
}

/** 1 − P(0) − P(1), summed so that it does not cancel. */
function seenTwice(n: number, { mu, phi }: Pick<Model, 'mu' | 'phi'>): number {
  let sum = 0;
  for (let s = 2; s <= n; s++) sum += betaBinomial(n, s, mu, phi);
  return sum;
}

/** ω */
function unseenRatio(n: number, model: Model): number {
  return ((1 - model.v) * seenOnceOrNever(n, model)) / seenTwice(n, model);
}

/** Families that one more SAE adds, for each that is seen. */
function newRatio(n: number, model: Model): number {
  const { mu, phi, v } = model;
  // One of n SAEs, and the next one: of the n + 1 that two of them hold, the share in which the last is one of the two.
  return ((1 - v) * betaBinomial(n + 1, 2, mu, phi) * (2 / (n + 1))) / seenTwice(n, model);
}

/** Families in N SAEs for each that is in n. */
function expectedRatio(n: number, more: number, model: Model): number {
  return model.v + ((1 - model.v) * seenTwice(more, model)) / seenTwice(n, model);
}

function likeliest(models: readonly Model[]): Model {
  return models.reduce((one, other) => (other.logLikelihood > one.logLikelihood ? other : one));
}

/** Of the shapes φ/μ that explain the counts equally well the middle one. */
function middleOfLikeliest(counts: readonly number[], always: boolean): Model {
  const one = likeliest(likelyModels(counts, always));
  const tied = shapes
    .map((shape) => likeliest(alongMu(counts, shape, always)))
    .filter(({ logLikelihood }) => logLikelihood >= one.logLikelihood - same);
  return tied.length > 1 ? tied[tied.length >> 1] : one;
}

/** Models along the ridge of the likelihood and to both sides of it. @param always whether some may always be found */
function likelyModels(counts: readonly number[], always: boolean): Model[] {
  const first = shapes.flatMap((shape) => alongMu(counts, shape, always));
  const best = likeliest(first);
  const centre = best.phi / best.mu;
  const fine = Array.from({ length: 41 }, (_, at) => Math.min(1, Math.max(0, centre + (at - 20) / 800)));
  return [...first, ...fine.flatMap((shape) => alongMu(counts, shape, always))];
}

/** Of one shape φ/μ: the best μ, and others up to where the likelihood is too small. */
function alongMu(counts: readonly number[], shape: number, always: boolean): Model[] {
  const at = (logit: number): Model => modelAt(counts, 1 / (1 + Math.exp(-logit)), shape, always);
  const [least, most] = [-12, 16];
  const grid = Array.from({ length: 57 }, (_, k) => least + (k * (most - least)) / 56);
  const top = grid.reduce((one, other) => (at(other).logLikelihood > at(one).logLikelihood ? other : one));
  let [low, high] = [Math.max(least, top - 0.5), Math.min(most, top + 0.5)];
  const golden = (Math.sqrt(5) - 1) / 2;
  while (high - low > 1e-6) {
    const [one, other] = [high - golden * (high - low), low + golden * (high - low)];
    if (at(one).logLikelihood >= at(other).logLikelihood) high = other;
    else low = one;
  }
  const best = 0.5 * (low + high);
  const enough = at(best).logLikelihood - within;
  const edge = (end: number): number => {
    if (at(end).logLikelihood >= enough) return end;
    let [inside, outside] = [best, end];
    while (Math.abs(outside - inside) > 1e-4) {
      const middle = 0.5 * (inside + outside);
      if (at(middle).logLikelihood >= enough) inside = middle;
      else outside = middle;
    }
    return inside;
  };
  const [from, to] = [edge(least), edge(most)];
  return [at(best), ...Array.from({ length: 21 }, (_, k) => at(from + (k * (to - from)) / 20))];
}

function modelAt(counts: readonly number[], mu: number, shape: number, always: boolean): Model {
  const n = counts.length - 1;
  const phi = shape * mu;
  const seen = counts.slice(2).reduce((sum, count) => sum + count, 0);
  const p = Array.from({ length: n - 1 }, (_, at) => betaBinomial(n, at + 2, mu, phi));
  const twice = p.reduce((sum, one) => sum + one, 0);
  const share = (s: number) => p[s - 2] / twice;
  // Below 1, as μ is.
  const everywhere = share(n);
  const v = !always ? 0 : Math.max(0, (counts[n] / seen - everywhere) / (1 - everywhere));
  let logLikelihood = 0;
  for (let s = 2; s <= n; s++) {
    if (counts[s] > 0) logLikelihood += counts[s] * Math.log((s === n ? v : 0) + (1 - v) * share(s));
  }
  return { mu, phi, v, logLikelihood };
}

/** n·m_2²/m_3 + m_2³/m_3², and how low it may be by accident: its logarithm has a variance of at most 9/Q_2 + 4/Q_3. */
function momentBound(counts: readonly number[]): { value: number; low: number } | undefined {
  const n = counts.length - 1;
  const two = counts[2] / ((n * (n - 1)) / 2);
  const three = counts[3] / ((n * (n - 1) * (n - 2)) / 6);
  if (two === 0 || three === 0) return undefined;
  const value = (n * two ** 2) / three + two ** 3 / three ** 2;
  return { value, low: value * Math.exp(-1.96 * Math.sqrt(9 / counts[2] + 4 / counts[3])) };
}

/** Families in k of the n SAEs, on average over which k. */
function rarefied(counts: readonly number[], k: number): number {
  const n = counts.length - 1;
  let sum = 0;
  for (let s = 2; s <= n; s++) {
    const missed = chosen(n - s, k, n) + s * chosen(n - s, k - 1, n, k);
    sum += counts[s] * (1 - missed);
  }
  return sum;
}

/** C(m, j)/C(n, k), k = j where it is left out; 0 where j > m. */
function chosen(m: number, j: number, n: number, k = j): number {
  if (j > m) return 0;
  return Math.exp(logChoose(m, j) - logChoose(n, k));
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let t = 1; t <= k; t++) sum += Math.log((n - k + t) / t);
  return sum;
}
