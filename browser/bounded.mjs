// Waits for another process, with a time limit.

/**
 * Calls `attempt` until it returns something other than undefined, and returns that.
 *
 * @param {string} what is waited for, for the message when it does not come
 * @param {() => any} attempt
 * @param {number} [limitMs]
 */
export async function eventually(what, attempt, limitMs = 30_000) {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const outcome = await attempt();
    if (outcome !== undefined) return outcome;
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
