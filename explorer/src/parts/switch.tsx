// One of a few choices, as buttons side by side.

export interface Choice<T> {
  readonly id: T;
  readonly label: string;
  readonly title?: string;
}

interface SwitchProps<T> {
  /** What is chosen, for who does not see the buttons. */
  readonly legend: string;
  readonly choices: readonly Choice<T>[];
  readonly chosen: T;
  readonly choose: (id: T) => void;
}

export function Switch<T extends string | number>({ legend, choices, chosen, choose }: SwitchProps<T>) {
  return (
    <fieldset className="switch">
      <legend className="unseen">{legend}</legend>
      {choices.map(({ id, label, title }) => (
        <button key={id} type="button" title={title} aria-pressed={id === chosen} onClick={() => choose(id)}>
          {label}
        </button>
      ))}
    </fieldset>
  );
}
