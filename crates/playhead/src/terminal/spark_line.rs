//! Spark lines: a series of numbers in one line of text.

/// Heights, the lowest first.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One character per value, whose height is the value's share of the highest one. A missing value leaves a gap. The line
/// starts at zero unless a value is negative.
pub(crate) fn spark_line(values: &[Option<f64>]) -> String {
    let known = || values.iter().flatten().copied().filter(|value| value.is_finite());
    let highest = known().fold(0.0_f64, f64::max);
    let lowest = known().fold(0.0_f64, f64::min);
    let range = highest - lowest;
    let height = |value: f64| {
        let share = if range > 0.0 { (value - lowest) / range } else { 0.0 };
        // The cast saturates; only zero has the lowest height.
        let step = (share * (HEIGHTS.len() - 1) as f64).ceil() as usize;
        HEIGHTS[step.min(HEIGHTS.len() - 1)]
    };
    let mark = |value: &Option<f64>| value.filter(|value| value.is_finite()).map_or(' ', height);
    values.iter().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[f64]) -> String {
        spark_line(&values.iter().copied().map(Some).collect::<Vec<_>>())
    }

    #[test]
    fn each_value_has_its_share_of_the_highest() {
        assert_eq!(line(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), "▁▂▃▄▅▆▇█");
        assert_eq!(line(&[100.0, 99.0, 1.0, 0.0]), "██▂▁");
        assert_eq!(line(&[5.0, 5.0]), "██");
    }

    #[test]
    fn gaps_nothing_and_odd_numbers_are_drawn() {
        assert_eq!(spark_line(&[Some(1.0), None, Some(f64::NAN), Some(1.0)]), "█  █");
        assert_eq!(line(&[0.0, 0.0]), "▁▁");
        assert_eq!(line(&[-1.0, 0.0, 1.0]), "▁▅█");
        assert_eq!(line(&[f64::MAX, -f64::MAX]).chars().count(), 2);
        assert_eq!(spark_line(&[]), "");
    }
}
