//! What sessions of a list have, in the words of the list.

use datafusion::functions::string::expr_fn::{contains, lower};
use datafusion::functions_nested::expr_fn::array_has;
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::ident;
use playhead_lake::tables::VISITOR_KEY;
use playhead_session::{Diagnosis, VISITOR_COLUMNS, Visitor};

use crate::panels::panel_request::Params;

/// What sessions of a list have; what is `None` may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionTraits {
    /// This report suite.
    pub report_suite: Option<String>,
    /// This content.
    pub content_id: Option<String>,
    /// A visitor with this id, of whatever kind it is.
    pub visitor_id: Option<String>,
    /// This diagnosis.
    pub diagnosis: Option<Diagnosis>,
    /// This text in the session id, content id, content name or visitor id, compared without case.
    pub q: Option<String>,
}

impl SessionTraits {
    /// Parameters: `report_suite`, `content_id`, `visitor_id`, `diagnosis`, `q`.
    pub(crate) fn parse(params: &mut Params<'_>) -> Self {
        let mut text = |name| params.text(name).map(str::to_owned);
        let (report_suite, content_id) = (text("report_suite"), text("content_id"));
        let (visitor_id, q) = (text("visitor_id"), text("q"));
        let names: Vec<_> = Diagnosis::ALL.iter().map(|diagnosis| (diagnosis.name(), *diagnosis)).collect();
        let diagnosis = params.chosen("diagnosis", &names);
        Self { report_suite, content_id, visitor_id, diagnosis, q }
    }

    /// The conditions on rows of sessions, all of which must hold.
    pub fn exprs(&self) -> Vec<Expr> {
        let is = |name: &str, text: &Option<String>| text.as_deref().map(|text| ident(name).eq(lit(text)));
        let mut exprs = Vec::new();
        exprs.extend(is("report_suite", &self.report_suite));
        exprs.extend(is("content_id", &self.content_id));
        if let Some(visitor) = &self.visitor_id {
            let keys = Visitor::keys_of(visitor).map(lit).to_vec();
            exprs.push(ident(VISITOR_KEY).in_list(keys, false));
        }
        if let Some(diagnosis) = self.diagnosis {
            exprs.push(array_has(ident("diagnoses"), lit(diagnosis.name())));
        }
        if let Some(wanted) = &self.q {
            let wanted = wanted.to_lowercase();
            let texts = ["session_id", "content_id", "content_name"].into_iter().chain(VISITOR_COLUMNS);
            let has = texts.map(|name| contains(lower(ident(name)), lit(wanted.clone())).is_true());
            exprs.extend(has.reduce(Expr::or));
        }
        exprs
    }
}
