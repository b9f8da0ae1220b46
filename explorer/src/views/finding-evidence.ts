// Which features a finding is about, as a filter of the table; findings about something else than features have none.
export const evidenceFilters: Readonly<Partial<Record<string, string>>> = {
  'usage.dead-by-firing': 'rate=0',
  'usage.norm-is-not-usage': 'rate=0',
  'metric.dead-dilution': 'rate=0',
  'usage.always-on': 'rate>=0.95',
  'training.init-drift': 'init>=0.9',
  'weights.degenerate': 'norm<0.01',
  'metric.wrong-null': 'q>0.05 q_value_sphere<=0.05',
};
