// How progress and errors are written on stderr: for people, or as JSON, an object a line, for a program that runs the command.
export const messageForms = ['text', 'json'] as const;

export type MessageForm = (typeof messageForms)[number];

let chosen: MessageForm = 'text';

/** Of this process, before its command begins. */
export function writeMessagesAs(form: MessageForm): void {
  chosen = form;
}

export function messageForm(): MessageForm {
  return chosen;
}

/** One message as a line. Its line breaks are escaped, so a line is a whole message. */
export function messageLine(message: { readonly type: string } & Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(message)}\n`;
}

/** A line that stays, of a command that shows no progress. */
export function writeNote(text: string): void {
  process.stderr.write(chosen === 'json' ? messageLine({ type: 'note', text }) : `${text}\n`);
}
