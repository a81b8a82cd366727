//! Checks of `qoeData`, by the table.

use std::borrow::Cow;

use crate::event::Quality;
use crate::fault::Path;
use crate::param_table::{Carrier, ParamId};
use crate::v1::checker::Checker;
use crate::v1::slots::Slots;

const BITRATE: ParamId = ParamId::named("media.qoe.bitrate");
const DROPPED_FRAMES: ParamId = ParamId::named("media.qoe.droppedFrames");
const FRAMES_PER_SECOND: ParamId = ParamId::named("media.qoe.framesPerSecond");
const TIME_TO_START: ParamId = ParamId::named("media.qoe.timeToStart");
const ERROR_ID: ParamId = ParamId::named("media.qoe.errorID");
const ERROR_SOURCE: ParamId = ParamId::named("media.qoe.errorSource");

/// The valid parts of `qoeData`.
pub(crate) struct CheckedQuality<'a> {
    pub(crate) quality: Option<Box<Quality>>,
    pub(crate) error_id: Option<Cow<'a, str>>,
    pub(crate) error_source: Option<Cow<'a, str>>,
}

/// Checks `qoeData`; `object` is its text if it is there.
pub(crate) fn check_quality<'a>(
    object: Option<&'a str>,
    at: &Path<'_>,
    checker: &mut Checker<'_>,
) -> CheckedQuality<'a> {
    let slots = Slots::read(object, |param| param.carrier == Carrier::Quality, at, checker);
    let mut number = |id: ParamId| checker.number(slots.get(id)?, &at.key(id.param().key));
    let quality = Quality {
        bitrate: number(BITRATE),
        dropped_frames: number(DROPPED_FRAMES),
        frames_per_second: number(FRAMES_PER_SECOND),
        time_to_start_ms: number(TIME_TO_START),
    };
    let mut text = |id: ParamId| checker.text(slots.get(id)?, &at.key(id.param().key));
    CheckedQuality {
        error_id: text(ERROR_ID),
        error_source: text(ERROR_SOURCE),
        quality: (quality != Quality::default()).then(|| Box::new(quality)),
    }
}
