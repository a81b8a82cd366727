//! The kinds of rows that reports count.

use playhead_lake::Table;

/// The kind of rows that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fact {
    /// Sessions.
    Sessions,
    /// Ad views.
    Ads,
    /// Chapter views.
    Chapters,
    /// Errors.
    Errors,
}

impl Fact {
    /// All facts, in the order in which queries try them.
    pub const ALL: [Self; 4] = [Self::Sessions, Self::Ads, Self::Chapters, Self::Errors];

    /// The table that holds the rows.
    pub const fn table(self) -> Table {
        match self {
            Self::Sessions => Table::Sessions,
            Self::Ads => Table::Ads,
            Self::Chapters => Table::Chapters,
            Self::Errors => Table::Errors,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.table().name()
    }
}
