//! A report as a picture: what its numbers are asked as, and how they are drawn.
//!
//! Numbers over time are lines, numbers by dimensions a table with bars, and everything else a table.

mod answer;
mod lines;
mod panels;
mod subject;
mod table;
mod texts;
mod ticks;

use playhead_picture::Picture;
use playhead_picture::limits::CHARTS;

use crate::kept::schedule::ScheduledKind;
use crate::reporter::client::Client;
use crate::schedules::picture::lines::{chart_of_values, charts_of_metrics};
use crate::schedules::picture::panels::{concurrency, quality};
use crate::schedules::picture::subject::Drawn;
pub(crate) use crate::schedules::picture::subject::Subject;
use crate::schedules::picture::table::table;
use crate::schedules::picture::texts::{about, range_text};
use crate::schedules::run::NotSent;

/// The picture of a report.
pub(crate) async fn picture(queries: &Client, subject: &Subject<'_>) -> Result<Picture, NotSent> {
    let (metrics, dimensions) = (subject.names("metrics"), subject.names("dimensions"));
    let drawn = match subject.schedule.report.kind {
        ScheduledKind::Concurrency => concurrency(queries, subject).await?,
        ScheduledKind::Quality => quality(queries, subject).await?,
        _ if subject.is_over_time() && dimensions.is_empty() && metrics.len() <= CHARTS => {
            charts_of_metrics(queries, subject).await?
        }
        _ if subject.is_over_time() && dimensions.len() == 1 && metrics.len() == 1 => {
            chart_of_values(queries, subject, metrics[0], dimensions[0]).await?
        }
        _ => table(queries, subject).await?,
    };
    let Drawn { body, mut notes, excluded_sessions } = drawn;
    match excluded_sessions {
        0 => {}
        1 => notes.push("1 session is left out: it is excluded from all reports.".to_owned()),
        count => notes.push(format!("{count} sessions are left out: they are excluded from all reports.")),
    }
    let about = vec![range_text(subject), about(subject)];
    Ok(Picture { title: subject.schedule.name.clone(), about, body, notes })
}
