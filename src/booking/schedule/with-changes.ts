/** A copy with the changes made. What a request leaves out is undefined, and stays as it is. */
export function withChanges<Described extends object>(
  described: Described,
  changes: Partial<Described>,
): Described {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...described, ...Object.fromEntries(given) };
}
