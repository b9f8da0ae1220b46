// Why a file is not what it was tried as, in words that are the same for all files of which the same is true.
import { ReseedError } from '../errors.js';

export function isAboutContent({ code }: ReseedError): boolean {
  return code === 'input.format' || code === 'input.shape';
}

/** The message without the file that it begins with. */
export function reasonOf({ message, details: { file } }: ReseedError): string {
  return file !== undefined && message.startsWith(file)
    ? message.slice(file.length).replace(/^(?:, |: )/, '')
    : message;
}

/** What is said of each part of a file alike, without what its tensors have before their names. */
export function withoutPart(reason: string, part: string): string {
  return part === '' ? reason : reason.replaceAll(`${part}/`, '').replaceAll(`${part}.`, '');
}

/** The same whatever was found: one for all files in which something else is wrong in the same way. */
export function withoutFound({ code, problem, details: { found: _, ...details } }: ReseedError): ReseedError {
  return new ReseedError(code, problem, details);
}
