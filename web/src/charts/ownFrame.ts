let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a frame of one's own, one caller after another. The charts of a page would all be made in one task
 * otherwise, as they wait for the same code, and nobody could click anything meanwhile.
 */
export function ownFrame(): Promise<void> {
  last = last.then(nextFrame);
  return last;
}

/** After what is on the screen by then has been drawn. */
function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
  });
}
