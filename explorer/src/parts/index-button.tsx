// The index of a feature, which opens it.

export function IndexButton({
  index,
  open,
}: {
  readonly index: number;
  readonly open: (index: number) => void;
}) {
  return (
    <button type="button" className="index" onClick={() => open(index)}>
      {index}
    </button>
  );
}
