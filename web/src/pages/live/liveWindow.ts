import type { LiveCounts } from '../../api/live';

export type CountName = keyof LiveCounts;

export const COUNT_NAMES: readonly CountName[] = [
  'sessions_active',
  'sessions_playing',
  'sessions_buffering',
  'sessions_silent',
  'viewers_active',
  'viewers_playing',
  'media_starts',
  'events',
  'errors',
  'refused',
  'buffer_events',
];

/** The counts of the last seconds, in rings of fixed size: a new second takes the place of the oldest one. */
export class LiveWindow {
  /** The latest second, since 1970; null before the first. */
  endSecond: number | null = null;
  private readonly rings: Record<CountName, Float64Array>;

  constructor(readonly seconds = 3600) {
    const ring = () => new Float64Array(seconds).fill(Number.NaN);
    this.rings = Object.fromEntries(COUNT_NAMES.map((name) => [name, ring()])) as Record<CountName, Float64Array>;
  }

  /** The first second of the window. */
  get startSecond(): number | null {
    return this.endSecond === null ? null : this.endSecond - this.seconds + 1;
  }

  /** Sets the counts of a second; a later one than all before moves the window. */
  put(second: number, counts: Partial<Record<CountName, number | null>>): void {
    this.advanceTo(second);
    if (!this.holds(second)) return;
    for (const [name, value] of Object.entries(counts)) {
      this.rings[name as CountName][second % this.seconds] = value ?? Number.NaN;
    }
  }

  /** Sets a count where none is known yet. */
  fill(second: number, name: CountName, value: number | null | undefined): void {
    if (!this.holds(second) || value === null || value === undefined) return;
    const ring = this.rings[name];
    if (Number.isNaN(ring[second % this.seconds])) ring[second % this.seconds] = value;
  }

  /**
   * Repeats counts of what is there over the seconds that nobody counted, up to so many: between two counts the number
   * is as good as the one before. A longer gap stays one.
   */
  hold(names: readonly CountName[], mostSeconds: number): void {
    for (const name of names) {
      let known: { value: number; second: number } | null = null;
      this.eachOfLast(this.seconds, (second) => {
        const value = this.at(name, second);
        if (value === null) return;
        const from = known;
        known = { value, second };
        if (from === null || second - from.second - 1 > mostSeconds) return;
        for (let missed = from.second + 1; missed < second; missed += 1) this.fill(missed, name, from.value);
      });
    }
  }

  /** Moves the end of the window; seconds in between have no counts. */
  advanceTo(second: number): void {
    if (this.endSecond === null) this.endSecond = second;
    const missed = Math.min(second - this.endSecond, this.seconds);
    for (let place = 0; place < missed; place += 1) {
      for (const name of COUNT_NAMES) this.rings[name][(second - place) % this.seconds] = Number.NaN;
    }
    this.endSecond = Math.max(second, this.endSecond);
  }

  at(name: CountName, second: number): number | null {
    if (!this.holds(second)) return null;
    const value = this.rings[name][second % this.seconds];
    return value === undefined || Number.isNaN(value) ? null : value;
  }

  /** How many of the last seconds have a count. */
  known(name: CountName, lastSeconds = this.seconds): number {
    let known = 0;
    this.eachOfLast(lastSeconds, (second) => {
      if (this.at(name, second) !== null) known += 1;
    });
    return known;
  }

  /** The sum over the last seconds, as far as they are known. */
  sum(name: CountName, lastSeconds: number): number {
    let sum = 0;
    this.eachOfLast(lastSeconds, (second) => {
      sum += this.at(name, second) ?? 0;
    });
    return sum;
  }

  /**
   * Points for a chart, flat: a moment in ms and its count, NaN where there is none, and so on. As one array of numbers
   * they are copied at once; as an array for each point, each second would make and throw away many thousands.
   */
  points(name: CountName, lastSeconds = this.seconds): Float64Array {
    const points = new Float64Array(lastSeconds * 2);
    const first = this.endSecond === null ? 0 : this.endSecond - lastSeconds + 1;
    const ring = this.rings[name];
    for (let place = 0; place < lastSeconds; place += 1) {
      const second = first + place;
      points[place * 2] = second * 1000;
      points[place * 2 + 1] = second < 0 ? Number.NaN : (ring[second % this.seconds] ?? Number.NaN);
    }
    return points;
  }

  /** Means of so many stretches of the same length up to now; null where nothing is known. */
  means(name: CountName, stretches: number, stretchSeconds: number): (number | null)[] {
    const means: (number | null)[] = [];
    if (this.endSecond === null) return means;
    // Whole stretches of the clock, so that those that are over stay as they are.
    const last = Math.floor((this.endSecond + 1) / stretchSeconds) * stretchSeconds;
    for (let from = last - stretches * stretchSeconds; from < last; from += stretchSeconds) {
      let [sum, known] = [0, 0];
      for (let second = from; second < from + stretchSeconds; second += 1) {
        const value = this.at(name, second);
        if (value === null) continue;
        sum += value;
        known += 1;
      }
      means.push(known === 0 ? null : sum / known);
    }
    return means;
  }

  /** The highest count of the last seconds and when it was first there. */
  peak(name: CountName, lastSeconds = this.seconds): { value: number; second: number } | null {
    let peak: { value: number; second: number } | null = null;
    this.eachOfLast(lastSeconds, (second) => {
      const value = this.at(name, second);
      if (value !== null && (peak === null || value > peak.value)) peak = { value, second };
    });
    return peak;
  }

  private holds(second: number): boolean {
    return this.endSecond !== null && second <= this.endSecond && second > this.endSecond - this.seconds;
  }

  private eachOfLast(lastSeconds: number, visit: (second: number) => void): void {
    if (this.endSecond === null) return;
    for (let second = this.endSecond - lastSeconds + 1; second <= this.endSecond; second += 1) visit(second);
  }
}
