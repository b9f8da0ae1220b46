// The layouts that SAEs are written in, by their names on the command line.

export const convertLayouts = ['saelens', 'safetensors', 'dictionary_learning'] as const;

export type ConvertLayout = (typeof convertLayouts)[number];
