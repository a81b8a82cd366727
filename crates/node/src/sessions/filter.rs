//! Which sessions a list shows.

use playhead_journal::{ClosedFilter, ClosedRecord};
use playhead_protocol::{ParamId, SessionId};
use playhead_report::{SessionTraits, StartFilters};
use playhead_session::{Cell, Diagnosis, RowCells, Session, visitor_of_params};
use serde::{Deserialize, Serialize};

/// The filter of a list of sessions. The default shows all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct SessionFilter {
    /// Started at this time or later, ms by the device's clock.
    pub from_ms: Option<i64>,
    /// Started before this time, ms by the device's clock.
    pub to_ms: Option<i64>,
    /// Of this report suite.
    pub report_suite: Option<String>,
    /// Of this content.
    pub content_id: Option<String>,
    /// Of the visitors with this id, of whatever kind it is.
    pub visitor_id: Option<String>,
    /// Only open sessions, or only closed ones.
    pub open: Option<bool>,
    /// With this diagnosis.
    #[serde(with = "by_name")]
    pub diagnosis: Option<Diagnosis>,
    /// With starts that these let through.
    pub filters: Option<StartFilters>,
    /// With this text in the session id, content id, content name or visitor id, compared without case.
    pub q: Option<String>,
}

/// A diagnosis as the reports name it.
mod by_name {
    use playhead_session::Diagnosis;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Option<Diagnosis>, out: S) -> Result<S::Ok, S::Error> {
        value.map(Diagnosis::name).serialize(out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Diagnosis>, D::Error> {
        let name: Option<String> = Option::deserialize(from)?;
        Ok(name.and_then(|name| Diagnosis::ALL.iter().copied().find(|known| known.name() == name)))
    }
}

impl SessionFilter {
    /// The part that the journal answers without the rows.
    pub(crate) fn of_closed(&self) -> ClosedFilter<'_> {
        ClosedFilter {
            started_from_ms: self.from_ms,
            started_before_ms: self.to_ms,
            report_suite: self.report_suite.as_deref(),
            content_id: self.content_id.as_deref(),
            visitor_id: self.visitor_id.as_deref(),
        }
    }

    /// What the tables are asked for, beside times and states.
    pub(crate) fn traits(&self) -> SessionTraits {
        SessionTraits {
            report_suite: self.report_suite.clone(),
            content_id: self.content_id.clone(),
            visitor_id: self.visitor_id.clone(),
            diagnosis: self.diagnosis,
            q: self.q.clone(),
        }
    }

    /// Whether the list shows a session in memory.
    pub(crate) fn admits(&self, session: &Session) -> bool {
        let params = session.params();
        let is = |wanted: &Option<String>, value: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| value.unwrap_or_default() == wanted)
        };
        let visitor = visitor_of_params(params).map(|visitor| visitor.id);
        let started_at_ms = session.started_at_ms();
        self.open.is_none_or(|open| open == session.close_reason().is_none())
            && self.from_ms.is_none_or(|from_ms| started_at_ms >= from_ms)
            && self.to_ms.is_none_or(|to_ms| started_at_ms < to_ms)
            && is(&self.report_suite, params.text(ParamId::named("analytics.reportSuite")))
            && is(&self.content_id, params.text(ParamId::named("media.id")))
            && is(&self.visitor_id, visitor)
            && self.diagnosis.is_none_or(|diagnosis| session.diagnoses().has(diagnosis))
            && self.filters.as_ref().is_none_or(|filters| filters.admit(|param| params.text(param)))
            && self.finds(
                &session.id(),
                &[
                    params.text(ParamId::named("media.id")),
                    params.text(ParamId::named("media.name")),
                    visitor,
                ],
            )
    }

    /// Whether the list shows a closed session that [`Self::of_closed`] lets through; `row` is its row.
    pub(crate) fn admits_closed(&self, record: &ClosedRecord, row: &RowCells<'_>) -> bool {
        let has = |diagnosis: Diagnosis| matches!(row.get("diagnoses"), Cell::Texts(names) if names.iter().any(|name| name == diagnosis.name()));
        let text = |param: ParamId| param.param().column.and_then(|column| row.text(column));
        self.diagnosis.is_none_or(has)
            && self.filters.as_ref().is_none_or(|filters| filters.admit(text))
            && self.finds(
                &record.session,
                &[Some(&record.content_id), row.text("content_name"), Some(&record.visitor_id)],
            )
    }

    fn finds(&self, id: &SessionId, texts: &[Option<&str>]) -> bool {
        let Some(wanted) = &self.q else { return true };
        let wanted = wanted.to_lowercase();
        id.to_string().contains(&wanted)
            || texts.iter().flatten().any(|text| text.to_lowercase().contains(&wanted))
    }
}
