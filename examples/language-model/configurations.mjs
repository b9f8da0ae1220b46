// What the study has trained, as examples/language-model.yaml says, and what is looked at further.

/** Groups of SAEs of one setting each, whose ids these end. */
export const configurations = ['topk', 'batchtopk'].flatMap((architecture) =>
  [512, 1024].flatMap((width) => [16, 48].map((k) => `${architecture}.d${width}.k${k}`)),
);

/** The group that is looked at further: on the text that it was trained on, and made one dictionary. */
export const looked = 'topk.d1024.k16';

/** The group that stands beside the SAEs that were trained on all rows. */
export const narrow = 'topk.d512.k16';
