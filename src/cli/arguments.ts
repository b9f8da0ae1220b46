// Arguments that several commands take, parsed and checked.
import { InvalidArgumentError } from 'commander';
import { type KernelChoice, kernelChoices } from '../kernel/select.js';

/** A parser of whole numbers that are at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };
}

/** A parser of numbers above `low` and up to `high`. */
export function decimalBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value > low && value <= high) return value;
    throw new InvalidArgumentError(`Expected a number above ${low}, at most ${high}.`);
  };
}

export function kernelChoice(text: string): KernelChoice {
  if ((kernelChoices as readonly string[]).includes(text)) return text as KernelChoice;
  throw new InvalidArgumentError('Expected auto, native, portable or webgpu.');
}
