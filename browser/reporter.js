// Reports one playback to a Media Collection API: opens the session, sends its events, keeps a log of them.

export class Reporter {
  /**
   * @param {string} collection address of the collection endpoint, `https://host/api/v1/sessions`
   * @param {() => number} position gives the playhead, seconds
   * @param {(url: string, body: string) => Promise<Response>} post sends a request
   */
  constructor(collection, position, post) {
    this.collection = collection;
    this.position = position;
    this.post = post;
    this.lastTs = 0;
    /** Every event in the order in which it happened: `{ts, playhead, type, event, status}`. */
    this.log = [];
    this.responses = [];
    /** Where events go; known once the session is open. */
    this.eventsUrl = new Promise((resolve) => { this.setEventsUrl = resolve; });
  }

  /**
   * A moment; what happens together is reported with the same one. No two moments have the same time, so the server
   * can tell which came first although requests overtake each other.
   */
  moment() {
    this.lastTs = Math.max(Date.now(), this.lastTs + 1);
    return { playhead: this.position(), ts: this.lastTs };
  }

  /** Opens the session. Events may be sent at once: they wait until its address is known. */
  start(moment, details) {
    this.#request(Promise.resolve(this.collection), moment, 'sessionStart', details).then((response) => {
      const location = response.headers.get('Location');
      if (!location) throw new Error(`no session was opened: status ${response.status}`);
      this.sessionId = location.split('/').at(-1);
      this.setEventsUrl(`${new URL(location, this.collection)}/events`);
    });
  }

  /** Sends an event, without waiting for the responses to those before: requests run in parallel. */
  send(moment, type, details) {
    this.#request(this.eventsUrl, moment, type, details);
  }

  /** Resolves when every event has its response. */
  async settle() {
    await Promise.all(this.responses);
  }

  #request(url, moment, type, details) {
    const event = { playerTime: moment, eventType: type, ...details };
    const entry = { ...moment, type, event, status: null };
    this.log.push(entry);
    const response = url.then(async (address) => {
      const response = await this.post(address, JSON.stringify(event));
      entry.status = response.status;
      return response;
    });
    this.responses.push(response);
    return response;
  }
}
