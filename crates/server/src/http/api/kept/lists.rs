//! The lists of what people keep.

use axum::response::Response;
use playhead_node::kept::annotation::{Annotation, Annotations};
use playhead_node::kept::board::{Board, BoardEntry};
use playhead_node::kept::view::View;
use playhead_node::kept::{Kept, OnShelf};
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::http::api::call::ApiRequest;
use crate::http::api::kept::holder_of;
use crate::http::api::query::Query;
use crate::http::wire::responses;

/// Views of the dashboard.
#[derive(JsonSchema, Serialize)]
pub(crate) struct Views {
    /// Those that the token may see, the oldest first.
    views: Vec<Kept<View>>,
}

/// Boards, without their panels.
#[derive(JsonSchema, Serialize)]
pub(crate) struct Boards {
    /// Those that the token may see, the oldest first.
    boards: Vec<Kept<BoardEntry>>,
}

/// `GET /reports/v1/views`.
pub(crate) async fn views(request: ApiRequest) -> Result<Response, Error> {
    Query::parse(request.query())?.finish()?;
    let views = View::shelf(&request.app.node.kept).list(&holder_of(&request)?, |view| Some(view.clone()));
    Ok(responses::json(&Views { views }))
}

/// `GET /reports/v1/boards`.
pub(crate) async fn boards(request: ApiRequest) -> Result<Response, Error> {
    Query::parse(request.query())?.finish()?;
    let boards =
        Board::shelf(&request.app.node.kept).list(&holder_of(&request)?, |board| Some(board.entry()));
    Ok(responses::json(&Boards { boards }))
}

/// `GET /reports/v1/annotations`.
pub(crate) async fn annotations(request: ApiRequest) -> Result<Response, Error> {
    let mut query = Query::parse(request.query())?;
    let zone = &request.app.node.settings.queries.time_zone;
    let (from_ms, to_ms) = (query.time_ms("from", zone), query.time_ms("to", zone));
    let report_suite = query.text("report_suite");
    query.finish()?;
    let show = |annotation: &Annotation| {
        annotation.is_in(from_ms, to_ms, report_suite.as_deref()).then(|| annotation.clone())
    };
    let annotations = Annotation::shelf(&request.app.node.kept).list(&holder_of(&request)?, show);
    Ok(responses::json(&Annotations::of(annotations)))
}
