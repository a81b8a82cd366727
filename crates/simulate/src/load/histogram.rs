//! Latencies in log-linear buckets: each is told to within a 64th of itself, from a microsecond to days.

/// Buckets of each power of two.
const STEPS: usize = 64;
/// The bits of [`STEPS`].
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// Powers of two that have buckets of their own.
const POWERS: usize = 36;

/// How often each latency occurred.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max_us: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; STEPS * (POWERS + 1)], count: 0, max_us: 0 }
    }
}

impl Histogram {
    pub(crate) fn add(&mut self, us: u64) {
        let place = place_of(us).min(self.buckets.len() - 1);
        self.buckets[place] += 1;
        self.count += 1;
        self.max_us = self.max_us.max(us);
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(own, other)| *own += other);
        self.count += other.count;
        self.max_us = self.max_us.max(other.max_us);
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    pub(crate) const fn max_us(&self) -> u64 {
        self.max_us
    }

    /// The latency that this share of all did not exceed.
    pub(crate) fn quantile_us(&self, share: f64) -> u64 {
        let rank = ((share * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (place, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return highest_us(place).min(self.max_us);
            }
        }
        self.max_us
    }
}

/// Below [`STEPS`] each microsecond has a bucket; above, each power of two has as many.
fn place_of(us: u64) -> usize {
    if us < STEPS as u64 {
        return us as usize;
    }
    let power = us.ilog2() - STEP_BITS;
    ((power as usize) << STEP_BITS) + (us >> power) as usize
}

/// The highest latency of a bucket.
fn highest_us(place: usize) -> u64 {
    if place < 2 * STEPS {
        return place as u64;
    }
    let power = (place >> STEP_BITS) - 1;
    let step = (place & (STEPS - 1)) + STEPS;
    ((step as u64 + 1) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_latency_falls_into_a_bucket_that_tells_it_to_within_a_64th() {
        for us in (0..5_000).chain([65_535, 65_536, 1_000_000, 86_400_000_000]) {
            let told_us = highest_us(place_of(us));
            assert!(told_us >= us && told_us - us <= us / STEPS as u64, "{us} is told as {told_us}");
        }
    }

    #[test]
    fn quantiles_are_ranks_and_the_highest_is_exact() {
        let mut histogram = Histogram::default();
        (1..=1_000).for_each(|us| histogram.add(us));
        let close = |share: f64, us: u64| {
            let told_us = histogram.quantile_us(share);
            assert!(told_us >= us && told_us <= us + us / STEPS as u64, "{share}: {told_us}");
        };
        close(0.5, 500);
        close(0.9, 900);
        close(0.99, 990);
        assert_eq!(histogram.quantile_us(1.0), 1_000);
        assert_eq!((histogram.count(), histogram.max_us()), (1_000, 1_000));
        assert_eq!(Histogram::default().quantile_us(0.5), 0);
    }
}
