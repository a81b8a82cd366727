// Requests on a rough network: some arrive late, some arrive twice.

/** With this type a browser asks the server first (preflight), as it does for most players. */
const HEADERS = { 'Content-Type': 'application/json' };

export class RoughNetwork {
  /** The next request is held back until the one after it has its response. */
  overtakeNext() {
    this.isNextHeld = true;
  }

  /** The next request is sent twice, byte for byte, as when its response gets lost. */
  repeatNext() {
    this.isNextRepeated = true;
  }

  async post(url, body) {
    const send = () => fetch(url, { method: 'POST', headers: HEADERS, body });
    if (this.isNextHeld) {
      this.isNextHeld = false;
      await new Promise((release) => { this.releaseHeld = release; });
      return send();
    }
    const releaseHeld = this.releaseHeld;
    this.releaseHeld = undefined;
    const isRepeated = this.isNextRepeated;
    this.isNextRepeated = false;
    const response = await send();
    releaseHeld?.();
    return isRepeated ? send() : response;
  }
}
