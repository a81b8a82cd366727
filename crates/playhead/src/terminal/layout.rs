//! Which columns of a table fit into a width, and how wide each is.

/// Cells around each column: one space before it, one behind it.
const PADDING: usize = 2;

/// The least width of a column whose texts are cut.
const CLIPPED_LEAST: usize = 12;

/// Digits of a session id that stand for it where the whole id has no room; other commands take them.
pub(crate) const SHORT_ID_DIGITS: usize = 12;

/// How a column gives way when its table is too wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Not at all: half a number or time is a wrong one.
    Whole,
    /// Texts are cut at their ends.
    Clipped,
    /// Texts go on in a further line; the column keeps this width at least.
    Wrapped(usize),
    /// Session ids are cut to their first digits.
    Id,
}

/// A column, as far as its place in a table depends on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub fit: Fit,
    /// When it is left out for want of room: the column with the lowest number goes first. `None` if it stays.
    pub leaves: Option<usize>,
    /// The width of its widest cell.
    pub natural: usize,
}

/// A column that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Its place among all columns.
    pub column: usize,
    pub width: usize,
}

/// The columns that fit into `room` cells, with their widths; `None` if not even those fit that must not be left out.
/// Texts are cut and wrapped before a column is left out.
pub(crate) fn place(columns: &[Measured], room: usize) -> Option<Vec<Placed>> {
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    loop {
        for are_ids_short in [false, true] {
            if let Some(widths) = widths(columns, &kept, are_ids_short, room) {
                let placed = kept.iter().zip(widths).map(|(&column, width)| Placed { column, width });
                return Some(placed.collect());
            }
        }
        let leaving = kept.iter().copied().filter_map(|column| Some((columns[column].leaves?, column)));
        let (_, leaving) = leaving.min()?;
        kept.retain(|&column| column != leaving);
    }
}

/// The widths of the columns that are kept; `None` if they do not fit.
fn widths(columns: &[Measured], kept: &[usize], are_ids_short: bool, room: usize) -> Option<Vec<usize>> {
    let range = |column: &usize| {
        let Measured { fit, natural, .. } = columns[*column];
        match fit {
            Fit::Id if are_ids_short => (natural.min(SHORT_ID_DIGITS), natural.min(SHORT_ID_DIGITS)),
            Fit::Whole | Fit::Id => (natural, natural),
            Fit::Clipped => (natural.min(CLIPPED_LEAST), natural),
            Fit::Wrapped(least) => (natural.min(least), natural),
        }
    };
    let ranges: Vec<(usize, usize)> = kept.iter().map(range).collect();
    let room = room.checked_sub(PADDING * kept.len())?;
    // All columns that can give way end at one level, unless they need less, or at least more.
    let width_at = |level: usize| ranges.iter().map(move |&(least, most)| most.min(level).max(least));
    let fits =
        |level: usize| width_at(level).try_fold(room, |left: usize, width| left.checked_sub(width)).is_some();
    if !fits(0) {
        return None;
    }
    let (mut level, mut beyond) = (0, room.saturating_add(1));
    while level + 1 < beyond {
        let middle = level + (beyond - level) / 2;
        *(if fits(middle) { &mut level } else { &mut beyond }) = middle;
    }
    let mut widths: Vec<usize> = width_at(level).collect();
    let mut left = room - widths.iter().sum::<usize>();
    for (width, &(_, most)) in widths.iter_mut().zip(&ranges) {
        if left > 0 && *width == level && *width < most {
            *width += 1;
            left -= 1;
        }
    }
    Some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn column(fit: Fit, natural: usize) -> Measured {
        Measured { fit, leaves: None, natural }
    }

    const fn leaving(order: usize, fit: Fit, natural: usize) -> Measured {
        Measured { fit, leaves: Some(order), natural }
    }

    fn placed(columns: &[Measured], room: usize) -> Option<Vec<(usize, usize)>> {
        place(columns, room).map(|placed| placed.iter().map(|at| (at.column, at.width)).collect())
    }

    #[test]
    fn long_texts_give_way_first_then_ids_then_columns() {
        let columns = [
            column(Fit::Whole, 10),
            column(Fit::Id, 64),
            column(Fit::Clipped, 40),
            leaving(2, Fit::Wrapped(20), 90),
            leaving(1, Fit::Whole, 8),
        ];
        assert_eq!(placed(&columns, 300).unwrap(), [(0, 10), (1, 64), (2, 40), (3, 90), (4, 8)]);
        assert_eq!(placed(&columns, 160).unwrap(), [(0, 10), (1, 64), (2, 34), (3, 34), (4, 8)]);
        assert_eq!(placed(&columns, 101).unwrap(), [(0, 10), (1, 12), (2, 31), (3, 30), (4, 8)]);
        assert_eq!(placed(&columns, 63).unwrap(), [(0, 10), (1, 12), (2, 13), (3, 20)]);
        assert_eq!(placed(&columns, 50).unwrap(), [(0, 10), (1, 12), (2, 22)]);
        assert_eq!(placed(&columns, 39), None);
    }

    #[test]
    fn any_width_gives_columns_within_it_or_none() {
        let columns = [
            column(Fit::Clipped, 3),
            leaving(3, Fit::Whole, 70_000),
            leaving(1, Fit::Wrapped(24), 1_000_000),
            leaving(2, Fit::Clipped, 0),
        ];
        for room in (0..300).chain([65_535, 100_000, usize::MAX / 4]) {
            if let Some(placed) = placed(&columns, room) {
                let taken: usize = placed.iter().map(|(_, width)| width + PADDING).sum();
                assert!(taken <= room, "{room}: {placed:?}");
            } else {
                assert!(room < 5, "{room}");
            }
        }
        assert_eq!(placed(&[], usize::MAX).unwrap(), []);
    }
}
