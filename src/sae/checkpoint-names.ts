// What tools call the files of a checkpoint.

/** Files of weights that tools write under these names, the likeliest first. */
export const weightNames = [
  'sae_weights.safetensors',
  'sae.safetensors',
  'ae.pt',
  'params.npz',
  'params.safetensors',
];

export const weightExtensions = ['.safetensors', '.pt', '.pth', '.bin', '.npz'];

/** Configurations that tools write beside their weights. */
export const configNames = [
  'cfg.json',
  'config.json',
  'config.yaml',
  'hyperparams.json',
  'norm_factor.json',
  'activation_scaler.json',
];
