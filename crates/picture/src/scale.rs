//! The axis of values.

/// About so many lines of the grid.
const STEPS: f64 = 5.0;

/// Round numbers from 0, or below it, to the highest value or a little above.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) ticks: Vec<f64>,
}

impl Scale {
    /// A scale over these values; `is_time` counts in steps of the clock. Whole numbers have no steps between them.
    pub(crate) fn over(values: impl Iterator<Item = f64>, is_clock: bool, is_whole: bool) -> Self {
        let (lowest, highest) = values
            .filter(|value| value.is_finite())
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let length = if highest > lowest { highest - lowest } else { 1.0 };
        let mut step = if is_clock { clock_step(length / STEPS) } else { round_step(length / STEPS) };
        if is_whole {
            step = step.max(1.0);
        }
        let first = (lowest / step).floor();
        let last = ((lowest + length) / step).ceil().max(first + 1.0);
        let count = (last - first).clamp(1.0, 4.0 * STEPS) as u32;
        let ticks = (0..=count).map(|place| (first + f64::from(place)) * step).collect();
        Self { from: first * step, to: (first + f64::from(count)) * step, ticks }
    }

    /// How far up a value stands: 0 to 1.
    pub(crate) fn share(&self, value: f64) -> f32 {
        ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0) as f32
    }
}

/// 1, 2 or 5 with zeros, at least this.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let digit = [1.0, 2.0, 5.0, 10.0].into_iter().find(|digit| digit * power >= least * 0.999_999);
    let step = digit.unwrap_or(10.0) * power;
    if step.is_finite() && step > 0.0 { step } else { 1.0 }
}

/// Seconds, minutes and hours that clocks count in.
fn clock_step(least_s: f64) -> f64 {
    const STEPS_S: [f64; 12] =
        [1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 18_000.0, 36_000.0];
    if least_s < 1.0 {
        return round_step(least_s);
    }
    STEPS_S
        .into_iter()
        .find(|step| *step >= least_s)
        .unwrap_or_else(|| round_step(least_s / 3_600.0) * 3_600.0)
}
