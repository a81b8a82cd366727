//! Pseudo-random numbers that stay the same from release to release: SplitMix64 (Steele, Lea and Flood, 2014). The same seed
//! gives the same audience to `playhead simulate` and the same sessions to tests and benchmarks. Nothing here is a secret's.

/// A source of numbers, which a seed and a number make.
#[derive(Debug, Clone)]
pub struct Random(u64);

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// Spreads a number over all 64 bits.
pub const fn spread(number: u64) -> u64 {
    let mut mixed = number;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Random {
    /// The source that belongs to a number.
    pub const fn of(seed: u64, number: u64) -> Self {
        Self(spread(seed.wrapping_mul(GOLDEN_GAMMA) ^ spread(number.wrapping_add(GOLDEN_GAMMA))))
    }

    /// 64 random bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        spread(self.0)
    }

    /// A number from 0 to below 1.
    pub const fn unit(&mut self) -> f64 {
        // 53 bits are what a float holds exactly.
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number from 0 to below `end`, which is above 0.
    pub const fn below(&mut self, end: u64) -> u64 {
        ((self.bits() as u128 * end as u128) >> 64) as u64
    }

    /// A whole number within both bounds.
    pub const fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below((to - from + 1) as u64) as i64
    }

    /// `true` in that share of the cases.
    pub const fn happens(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of a list that is not empty.
    pub const fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// A place in a list of `count`, the first being the most frequent: Zipf's law, nearly.
    pub fn ranked(&mut self, count: usize) -> usize {
        let place = (count as f64 + 1.0).powf(self.unit()) - 1.0;
        (place as usize).min(count.saturating_sub(1))
    }

    /// A duration with a long tail, in ms: half of them below `median_ms`, and none above its 40-fold.
    pub fn long_tailed_ms(&mut self, median_ms: i64) -> i64 {
        let share = self.unit().max(0.024);
        ((1.0 - share + 0.024) / share * median_ms as f64) as i64
    }

    /// A duration of an exponential distribution, ms; at most ten times the mean.
    pub fn waiting_ms(&mut self, mean_ms: i64) -> i64 {
        let times = -(1.0 - self.unit()).ln();
        (times.min(10.0) * mean_ms as f64) as i64
    }
}
