/** Waits until `check` no longer throws; then, or when the time is over, lets its last failure through. */
export async function eventually(check: () => Promise<void> | void, withinMs = 15_000): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
