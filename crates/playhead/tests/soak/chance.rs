//! The choices of a trial, repeated by its seed.

/// A generator whose seed repeats a run.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// One of these.
    pub(crate) fn one_of<'list, T>(&mut self, list: &'list [T]) -> &'list T {
        &list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

/// Whether the long forms run.
pub(crate) fn is_long() -> bool {
    std::env::var_os("SOAK").is_some()
}

/// The seed of this run; the same each time unless the caller sets another.
pub(crate) fn seed() -> u64 {
    let seed = std::env::var("SOAK_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_129);
    println!("seed {seed}; SOAK_SEED={seed} repeats this run");
    seed
}
