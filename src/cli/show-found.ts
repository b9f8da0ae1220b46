// What a command found, on standard output: as a page, or as JSON alone; and as JSON in a file where one is named.

/** @param json the file, or `-` for JSON alone @returns whether the page was shown */
export async function showFound(
  json: string | undefined,
  { serialize, page }: { readonly serialize: () => string; readonly page: () => string },
): Promise<boolean> {
  if (json === '-') {
    process.stdout.write(serialize());
    return false;
  }
  if (json !== undefined) {
    const { writeFileAtomic } = await import('../formats/atomic-write.js');
    await writeFileAtomic(json, serialize());
  }
  process.stdout.write(page());
  return true;
}
