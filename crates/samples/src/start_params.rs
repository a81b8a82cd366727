//! What a session's `sessionStart` says.

use playhead_protocol::{PackedPairs, PackedParams, PairsPacker, ParamId, ParamValue, ParamsPacker};

use crate::catalogue::{APP_VERSIONS, CHANNELS, Content, PLAYERS, REPORT_SUITES};
use crate::visitors::VisitorIds;
use playhead_random::Random;

macro_rules! text {
    ($packer:ident, $key:literal, $value:expr) => {
        $packer.push(const { ParamId::named($key) }, ParamValue::Text($value))
    };
}

macro_rules! optional_text {
    ($packer:ident, $key:literal, $value:expr) => {
        if let Some(value) = $value {
            text!($packer, $key, value);
        }
    };
}

/// The parameters, in the order of the table. `is_resume` and `is_downloaded` are said by some players only when true.
pub(crate) fn start_params(
    content: &Content,
    visitor: &VisitorIds,
    is_resume: bool,
    is_downloaded: bool,
    random: &mut Random,
) -> PackedParams {
    let mut params = ParamsPacker::default();
    let is_audio = content.stream_type == Some("audio");
    let suite = if is_audio { 2 } else { [0, 0, 0, 0, 0, 1, 1, 3][random.below(8) as usize] };
    let channel = (content.channel + random.ranked(6)) % CHANNELS.len();
    let (player, in_capitals) = PLAYERS[if is_audio { 7 } else { random.ranked(7) }];
    text!(params, "analytics.trackingServer", "metrics.example.com");
    text!(params, "analytics.reportSuite", REPORT_SUITES[suite]);
    optional_text!(params, "analytics.visitorId", visitor.visitor_id.as_deref());
    text!(params, "visitor.marketingCloudOrgId", "0123456789ABCDEF@AdobeOrg");
    optional_text!(params, "visitor.marketingCloudUserId", visitor.marketing_cloud_user_id.as_deref());
    if random.happens(0.02) {
        let ids = ParamValue::Json(r#"{"crm":{"id":"c-1","authState":1}}"#);
        params.push(const { ParamId::named("visitor.customerIDs") }, ids);
    }
    optional_text!(params, "appInstallationId", visitor.app_installation_id.as_deref());
    text!(params, "media.id", &content.id);
    optional_text!(params, "media.name", content.name.as_deref());
    params.push(const { ParamId::named("media.length") }, ParamValue::Number(content.length_seconds));
    if in_capitals {
        text!(params, "media.contentType", &content.content_type.to_ascii_uppercase());
    } else {
        text!(params, "media.contentType", content.content_type);
    }
    optional_text!(params, "media.streamType", content.stream_type);
    text!(params, "media.playerName", player);
    text!(params, "media.channel", CHANNELS[channel]);
    if is_resume || random.happens(0.3) {
        params.push(const { ParamId::named("media.resume") }, ParamValue::Boolean(is_resume));
    }
    if is_downloaded {
        params.push(const { ParamId::named("media.downloaded") }, ParamValue::Boolean(true));
    }
    if random.happens(0.95) {
        text!(params, "media.sdkVersion", APP_VERSIONS[random.ranked(APP_VERSIONS.len())]);
    }
    optional_text!(params, "media.show", content.show.as_deref());
    optional_text!(params, "media.season", content.season.as_deref());
    optional_text!(params, "media.episode", content.episode.as_deref());
    optional_text!(params, "media.genre", content.genre);
    optional_text!(params, "media.firstAirDate", content.first_air_date.as_deref());
    optional_text!(params, "media.rating", content.rating);
    text!(params, "media.network", ["", "One", "Two", "Três"][content.channel % 4]);
    if random.happens(0.1) {
        text!(
            params,
            "media.pass.mvpd",
            ["Cable One", "Satellit AG", "fibre.example"][random.below(3) as usize]
        );
    }
    optional_text!(params, "media.artist", content.artist);
    params.finish()
}

/// The custom metadata.
pub(crate) fn start_metadata(visitor: &VisitorIds, random: &mut Random) -> PackedPairs {
    let mut pairs = PairsPacker::default();
    if random.happens(0.1) {
        return pairs.finish();
    }
    pairs.push(
        "plan",
        if visitor.is_premium { "premium" } else { ["basic", "free"][random.below(2) as usize] },
    );
    if random.happens(0.5) {
        pairs.push("experiment", ["A", "B", ""][random.ranked(3)]);
    }
    if random.happens(0.3) {
        pairs.push("page.type", ["home", "search", "détail", "検索"][random.ranked(4)]);
    }
    pairs.finish()
}
