//! One attempt to send a report: asks for it as any client does, and puts it where it belongs.

use std::sync::Arc;

use bytes::Bytes;
use playhead_picture::Fonts;
use playhead_report::Zone;
use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::kept::schedule::places::{Destination, Places, split_url};
use crate::kept::schedule::relative_range::Ends;
use crate::kept::schedule::{FileFormat, Schedule, ScheduledKind};
use crate::reporter::client::Client;
use crate::schedules::asking::{Asked, whole};
use crate::schedules::file_name::file_stem;
use crate::schedules::folder::NewFile;
use crate::schedules::picture::{Subject, picture};
use crate::schedules::run::NotSent;
use crate::schedules::webhooks::{Outgoing, Webhooks};
use crate::tables::queries::{Panel, Report};

/// A report that was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The file or the URL that has it.
    pub(crate) place: String,
    pub(crate) size_bytes: u64,
}

/// Sends reports.
pub(crate) struct Sender {
    pub(crate) queries: Client,
    pub(crate) places: Places,
    pub(crate) webhooks: Arc<dyn Webhooks>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The time zone of a schedule that names none.
    pub(crate) usual_zone: Zone,
    /// The letters of pictures.
    pub(crate) fonts: Fonts,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) schedule: Schedule,
    pub(crate) due_ms: i64,
}

impl Sender {
    /// The range of a run; `None` beyond the calendar.
    pub(crate) fn ends(&self, order: &Order) -> Option<Ends> {
        order.schedule.range.ends(order.due_ms, order.schedule.zone(&self.usual_zone))
    }

    /// Sends a report once.
    ///
    /// # Errors
    ///
    /// If there is no report, or the place does not take it.
    pub(crate) async fn send(&self, order: &Order) -> Result<Sent, NotSent> {
        let Order { id, schedule, due_ms } = order;
        if let Some((_, message)) = self.places.refuses(&schedule.to) {
            return Err(NotSent::for_good(format!("the place {message}")));
        }
        let zone = schedule.zone(&self.usual_zone);
        let ends = self.ends(order).ok_or_else(|| NotSent::for_good("the range is outside the calendar"))?;
        let (content_type, body) = self.report(schedule, ends, zone).await?;
        let size_bytes = body.len() as u64;
        let stem = file_stem(&schedule.name, ends, zone);
        let place = match &schedule.to {
            Destination::Folder(folder) => {
                let (folder, owner, extension) = (folder.clone(), id.clone(), schedule.format.extension());
                let root = self.places.folder.clone().ok_or_else(ended)?;
                blocking(move || {
                    let (folder, stem, owner) = (&folder, &stem, &owner);
                    NewFile { root: &root, folder, stem, extension, owner, bytes: &body }.write()
                })
                .await?
            }
            Destination::Webhook(url) => {
                let (origin, rest) = split_url(url).map_err(NotSent::for_good)?;
                let outgoing = Outgoing {
                    url: format!("{origin}{rest}"),
                    schedule_id: id.clone(),
                    due_ms: *due_ms,
                    now_ms: self.clock.now_ms(),
                    file_name: format!("{stem}.{}", schedule.format.extension()),
                    content_type,
                    body,
                };
                let webhooks = self.webhooks.clone();
                blocking(move || webhooks.post(&outgoing)).await?;
                url.clone()
            }
        };
        Ok(Sent { place, size_bytes })
    }

    /// The report: its media type and its bytes.
    async fn report(&self, schedule: &Schedule, ends: Ends, zone: &Zone) -> Result<(String, Bytes), NotSent> {
        let parameters = parameters(schedule, ends, zone);
        match schedule.format {
            FileFormat::Csv => {
                let report = match schedule.report.kind {
                    ScheduledKind::Query | ScheduledKind::Series | ScheduledKind::Breakdown => Report::Query,
                    ScheduledKind::Concurrency => Report::Panel(Panel::Concurrency),
                    ScheduledKind::Quality => Report::Panel(Panel::Quality),
                };
                let asked = Asked { queries: &self.queries, report, accept: "text/csv" };
                whole(&asked, &parameters).await
            }
            FileFormat::Png => {
                let subject = Subject { schedule, ends, zone, parameters };
                let picture = picture(&self.queries, &subject).await?;
                let fonts = self.fonts.clone();
                let draw = move || picture.png(&fonts).map_err(|error| NotSent::for_good(error.to_string()));
                Ok(("image/png".to_owned(), Bytes::from(blocking(draw).await?)))
            }
        }
    }
}

/// The parameters of the report, with the range.
fn parameters(schedule: &Schedule, ends: Ends, zone: &Zone) -> Map<String, Value> {
    let mut parameters = schedule.report.parameters.clone();
    if matches!(schedule.report.kind, ScheduledKind::Series | ScheduledKind::Quality) {
        parameters.insert("granularity".to_owned(), Value::from(ends.granularity()));
    }
    for (name, value) in [
        ("from", zone.written(ends.from_ms)),
        ("to", zone.written(ends.to_ms)),
        ("time_zone", zone.to_string()),
    ] {
        parameters.insert(name.to_owned(), Value::from(value));
    }
    parameters
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NotSent> + Send + 'static,
) -> Result<T, NotSent> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ended())?
}

fn ended() -> NotSent {
    NotSent::this_time("internal error")
}
