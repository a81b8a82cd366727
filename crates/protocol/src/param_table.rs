//! The one table of parameters. Parser, JSON Schemas, row columns, SQL names and the reference docs come from it;
//! a parameter is added, renamed or described here and nowhere else.

use crate::event_type::EventType;
use Requirement::{Optional, Required};
use ValueType::{Array, Boolean, Integer, Number, Object, String};

/// One parameter of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    /// The key in `params` or `qoeData`.
    pub key: &'static str,
    /// Where the key may stand.
    pub carrier: Carrier,
    /// The JSON type of the value.
    pub value_type: ValueType,
    /// Whether the key must be there.
    pub requirement: Requirement,
    /// What a string value must look like.
    pub text_rule: TextRule,
    /// The column of the value in rows and SQL; `None` for values that shape the accounting or stay in the raw event.
    pub column: Option<&'static str>,
    /// The name of the value as Adobe's context data, for comparisons with what people had.
    pub context_data: Option<&'static str>,
    /// The path of the value under `xdm` in the Media Edge API.
    pub xdm_path: Option<&'static str>,
    /// Meaning and unit.
    pub meaning: &'static str,
}

/// Where a parameter may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// In `params` of these events.
    Params(&'static [EventType]),
    /// In `qoeData` of any event.
    Quality,
}

/// The JSON type that a value must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// A string.
    String,
    /// Any finite number.
    Number,
    /// A number without a fraction (`10.0` will do) that a double holds exactly.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
}

/// Whether a key must be there; how strictly that is taken is the validation level's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Must be there.
    Required,
    /// May be absent.
    Optional,
}

/// A rule about the text of a string value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextRule {
    /// Any text.
    Any,
    /// At least one character.
    NotEmpty,
    /// The name of a player state: 1 to 64 letters, digits, underscores and dots (metrics contract, section 9).
    StateName,
}

impl ValueType {
    /// The type's name in fault messages and docs.
    pub const fn name(self) -> &'static str {
        match self {
            String => "string",
            Number => "number",
            Integer => "integer",
            Boolean => "boolean",
            Object => "object",
            Array => "array",
        }
    }
}

const START: Carrier = Carrier::Params(&[EventType::SessionStart]);
const AD_BREAK_OR_AD: Carrier = Carrier::Params(&[EventType::AdBreakStart, EventType::AdStart]);
const AD_BREAK: Carrier = Carrier::Params(&[EventType::AdBreakStart]);
const AD: Carrier = Carrier::Params(&[EventType::AdStart]);
const CHAPTER: Carrier = Carrier::Params(&[EventType::ChapterStart]);
const STATE: Carrier = Carrier::Params(&[EventType::StateStart, EventType::StateEnd]);
const STATES: Carrier = Carrier::Params(&[EventType::StatesUpdate]);
const ERROR: Carrier = Carrier::Params(&[EventType::Error]);
const QUALITY: Carrier = Carrier::Quality;

/// Every parameter, in the order of the reference docs and of the columns.
#[rustfmt::skip]
pub static PARAMS: &[Param] = &[
    param("analytics.trackingServer", START, String, Required, "tracking_server", "", "", "Analytics host the player was configured with; kept as a label, never called"),
    param("analytics.reportSuite", START, String, Required, "report_suite", "", "", "report suite: the tenant that owns the session"),
    param("analytics.enableSSL", START, Boolean, Optional, "", "", "", "whether the player was told to use TLS toward Analytics"),
    param("analytics.visitorId", START, String, Optional, "visitor_id", "", "", "custom visitor id"),
    param("analytics.aid", START, String, Optional, "analytics_id", "", "", "legacy analytics visitor id"),
    param("analytics.optOutServerSideForwarding", START, Boolean, Optional, "opt_out_forwarding", "", "", "viewer opted out of sharing with other solutions"),
    param("analytics.optOutShare", START, Boolean, Optional, "opt_out_share", "", "", "viewer opted out of federation to other customers"),
    param("visitor.marketingCloudOrgId", START, String, Required, "org_id", "", "", "organisation id"),
    param("visitor.marketingCloudUserId", START, String, Optional, "marketing_cloud_user_id", "", "", "organisation-wide visitor id (ECID)"),
    param("visitor.aamLocationHint", START, Integer, Optional, "", "", "", "edge region hint"),
    param("visitor.customerIDs", START, Object, Optional, "customer_ids", "", "", "map of id name to {id: string, authState: 0|1|2}"),
    param("appInstallationId", START, String, Optional, "app_installation_id", "", "", "id of one app on one device"),
    param("media.id", START, String, Required, "content_id", "a.media.name", "mediaCollection.sessionDetails.name", "content id; must not be empty").not_empty(),
    param("media.name", START, String, Optional, "content_name", "a.media.friendlyName", "mediaCollection.sessionDetails.friendlyName", "title"),
    param("media.length", START, Number, Required, "content_length", "a.media.length", "mediaCollection.sessionDetails.length", "content length, seconds; 0 when unknown"),
    param("media.contentType", START, String, Required, "content_type", "a.contentType", "mediaCollection.sessionDetails.contentType", "vod, live, linear, ugc, dvod, song, podcast, audiobook, radio, aod or any other string; compared without case, and in lower case in rows"),
    param("media.streamType", START, String, Optional, "stream_type", "a.media.streamType", "mediaCollection.sessionDetails.streamType", "video or audio; compared without case, and in lower case in rows"),
    param("media.playerName", START, String, Required, "player_name", "a.media.playerName", "mediaCollection.sessionDetails.playerName", "player"),
    param("media.channel", START, String, Required, "channel", "a.media.channel", "mediaCollection.sessionDetails.channel", "distribution channel: site, app or property"),
    param("media.resume", START, Boolean, Optional, "content_resume", "a.media.resume", "mediaCollection.sessionDetails.hasResume", "continues an earlier session"),
    param("media.downloaded", START, Boolean, Optional, "downloaded", "a.media.downloaded", "mediaCollection.sessionDetails.isDownloaded", "played from the device's storage"),
    param("media.sdkVersion", START, String, Optional, "app_version", "", "mediaCollection.sessionDetails.appVersion", "version of the app or player"),
    param("media.libraryVersion", START, String, Optional, "library_version", "", "", "version of the tracking library"),
    param("media.show", START, String, Optional, "show", "a.media.show", "mediaCollection.sessionDetails.show", "series"),
    param("media.season", START, String, Optional, "season", "a.media.season", "mediaCollection.sessionDetails.season", "season"),
    param("media.episode", START, String, Optional, "episode", "a.media.episode", "mediaCollection.sessionDetails.episode", "episode"),
    param("media.assetId", START, String, Optional, "asset_id", "a.media.asset", "mediaCollection.sessionDetails.assetID", "asset id (EIDR, TMS, in-house)"),
    param("media.genre", START, String, Optional, "genre", "a.media.genre", "mediaCollection.sessionDetails.genre", "genre"),
    param("media.firstAirDate", START, String, Optional, "first_air_date", "a.media.airDate", "mediaCollection.sessionDetails.firstAirDate", "first aired on television"),
    param("media.firstDigitalDate", START, String, Optional, "first_digital_date", "a.media.digitalDate", "mediaCollection.sessionDetails.firstDigitalDate", "first aired on a digital platform"),
    param("media.rating", START, String, Optional, "rating", "a.media.rating", "mediaCollection.sessionDetails.rating", "content rating"),
    param("media.originator", START, String, Optional, "originator", "a.media.originator", "mediaCollection.sessionDetails.originator", "creator"),
    param("media.network", START, String, Optional, "network", "a.media.network", "mediaCollection.sessionDetails.network", "network"),
    param("media.showType", START, String, Optional, "show_type", "a.media.type", "mediaCollection.sessionDetails.showType", "0 full episode, 1 preview, 2 clip, 3 other"),
    param("media.adLoad", START, String, Optional, "ad_load", "a.media.adLoad", "mediaCollection.sessionDetails.adLoad", "type of ad loaded"),
    param("media.pass.mvpd", START, String, Optional, "mvpd", "a.media.pass.mvpd", "mediaCollection.sessionDetails.mvpd", "TV provider"),
    param("media.pass.auth", START, String, Optional, "authorized", "a.media.pass.auth", "mediaCollection.sessionDetails.authorized", "authorised through the TV provider; \"true\" when set"),
    param("media.dayPart", START, String, Optional, "day_part", "a.media.dayPart", "mediaCollection.sessionDetails.dayPart", "time of day of the broadcast"),
    param("media.feed", START, String, Optional, "feed", "a.media.feed", "mediaCollection.sessionDetails.feed", "feed, such as West-HD"),
    param("media.streamFormat", START, String, Optional, "stream_format", "a.media.format", "mediaCollection.sessionDetails.streamFormat", "format, such as HD"),
    param("media.artist", START, String, Optional, "artist", "a.media.artist", "mediaCollection.sessionDetails.artist", "artist"),
    param("media.album", START, String, Optional, "album", "a.media.album", "mediaCollection.sessionDetails.album", "album"),
    param("media.label", START, String, Optional, "label", "a.media.label", "mediaCollection.sessionDetails.label", "record label"),
    param("media.author", START, String, Optional, "author", "a.media.author", "mediaCollection.sessionDetails.author", "author"),
    param("media.station", START, String, Optional, "station", "a.media.station", "mediaCollection.sessionDetails.station", "radio station"),
    param("media.publisher", START, String, Optional, "publisher", "a.media.publisher", "mediaCollection.sessionDetails.publisher", "publisher"),
    param("media.ad.podFriendlyName", AD_BREAK_OR_AD, String, Optional, "pod_name", "a.media.ad.podFriendlyName", "mediaCollection.advertisingPodDetails.friendlyName", "name of the ad break (documented on adBreakStart, also seen on adStart)"),
    param("media.ad.podIndex", AD_BREAK, Integer, Required, "pod_position", "a.media.ad.podPosition", "mediaCollection.advertisingPodDetails.index", "index of the break in the content"),
    param("media.ad.podSecond", AD_BREAK, Number, Required, "pod_offset", "a.media.ad.podSecond", "mediaCollection.advertisingPodDetails.offset", "content second at which the break starts"),
    param("media.ad.id", AD, String, Required, "ad_id", "a.media.ad.name", "mediaCollection.advertisingDetails.name", "ad id"),
    param("media.ad.name", AD, String, Optional, "ad_name", "a.media.ad.friendlyName", "mediaCollection.advertisingDetails.friendlyName", "ad name"),
    param("media.ad.length", AD, Number, Required, "ad_length", "a.media.ad.length", "mediaCollection.advertisingDetails.length", "ad length, seconds"),
    param("media.ad.podPosition", AD, Integer, Required, "ad_pod_position", "a.media.ad.podPosition", "mediaCollection.advertisingDetails.podPosition", "index of the ad in its break"),
    param("media.ad.playerName", AD, String, Required, "ad_player_name", "a.media.ad.playerName", "mediaCollection.advertisingDetails.playerName", "player that renders the ad"),
    param("media.ad.advertiser", AD, String, Optional, "advertiser", "a.media.ad.advertiser", "mediaCollection.advertisingDetails.advertiser", "advertiser"),
    param("media.ad.campaignId", AD, String, Optional, "campaign_id", "a.media.ad.campaign", "mediaCollection.advertisingDetails.campaignID", "campaign"),
    param("media.ad.creativeId", AD, String, Optional, "creative_id", "a.media.ad.creative", "mediaCollection.advertisingDetails.creativeID", "creative"),
    param("media.ad.siteId", AD, String, Optional, "site_id", "a.media.ad.site", "mediaCollection.advertisingDetails.siteID", "ad site"),
    param("media.ad.creativeURL", AD, String, Optional, "creative_url", "a.media.ad.creativeURL", "mediaCollection.advertisingDetails.creativeURL", "creative's address"),
    param("media.ad.placementId", AD, String, Optional, "placement_id", "a.media.ad.placement", "mediaCollection.advertisingDetails.placementID", "placement"),
    param("media.chapter.index", CHAPTER, Integer, Required, "chapter_position", "a.media.chapter.position", "mediaCollection.chapterDetails.index", "position in the content"),
    param("media.chapter.offset", CHAPTER, Number, Required, "chapter_offset", "a.media.chapter.offset", "mediaCollection.chapterDetails.offset", "content second at which it starts"),
    param("media.chapter.length", CHAPTER, Number, Required, "chapter_length", "a.media.chapter.length", "mediaCollection.chapterDetails.length", "length, seconds"),
    param("media.chapter.friendlyName", CHAPTER, String, Optional, "chapter_name", "a.media.chapter.friendlyName", "mediaCollection.chapterDetails.friendlyName", "name"),
    param("media.state.name", STATE, String, Required, "", "", "mediaCollection.statesStart[].name", "player state, see metrics.md section 9").state_name(),
    param("statesStart", STATES, Array, Optional, "", "", "mediaCollection.statesStart", "list of {media.state.name}; one of the two lists is required"),
    param("statesEnd", STATES, Array, Optional, "", "", "mediaCollection.statesEnd", "list of {media.state.name}"),
    param("media.errorId", ERROR, String, Optional, "", "", "mediaCollection.errorDetails.name", "error id as documented; the SDKs send media.qoe.errorID in qoeData"),
    param("media.errorSource", ERROR, String, Optional, "", "", "mediaCollection.errorDetails.source", "player or external"),
    param("media.qoe.bitrate", QUALITY, Number, Optional, "bitrate", "a.media.qoe.bitrate", "mediaCollection.qoeDataDetails.bitrate", "current bitrate; the unit is the player's (documents say both bit/s and kbit/s) (an integer in the documents)"),
    param("media.qoe.droppedFrames", QUALITY, Number, Optional, "dropped_frames", "a.media.qoe.droppedFrameCount", "mediaCollection.qoeDataDetails.droppedFrames", "frames dropped so far (an integer in the documents)"),
    param("media.qoe.framesPerSecond", QUALITY, Number, Optional, "frames_per_second", "", "mediaCollection.qoeDataDetails.framesPerSecond", "frame rate (an integer in the documents)"),
    param("media.qoe.timeToStart", QUALITY, Number, Optional, "time_to_start_ms", "a.media.qoe.timeToStart", "mediaCollection.qoeDataDetails.timeToStart", "ms from the request to play to the first frame (an integer in the documents)"),
    param("media.qoe.errorID", QUALITY, String, Optional, "", "", "mediaCollection.errorDetails.name", "error id, on error"),
    param("media.qoe.errorSource", QUALITY, String, Optional, "", "", "mediaCollection.errorDetails.source", "player or external, on error"),
];

#[expect(clippy::too_many_arguments, reason = "one argument a column of the table above")]
const fn param(
    key: &'static str,
    carrier: Carrier,
    value_type: ValueType,
    requirement: Requirement,
    column: &'static str,
    context_data: &'static str,
    xdm_path: &'static str,
    meaning: &'static str,
) -> Param {
    Param {
        key,
        carrier,
        value_type,
        requirement,
        text_rule: TextRule::Any,
        column: filled(column),
        context_data: filled(context_data),
        xdm_path: filled(xdm_path),
        meaning,
    }
}

const fn filled(cell: &'static str) -> Option<&'static str> {
    if cell.is_empty() { None } else { Some(cell) }
}

impl Param {
    const fn not_empty(mut self) -> Self {
        self.text_rule = TextRule::NotEmpty;
        self
    }

    const fn state_name(mut self) -> Self {
        self.text_rule = TextRule::StateName;
        self
    }

    /// Whether the parameter may stand in `params` of that event.
    pub fn is_sent_on(&self, event_type: EventType) -> bool {
        match self.carrier {
            Carrier::Params(event_types) => event_types.contains(&event_type),
            Carrier::Quality => false,
        }
    }
}

/// The place of a parameter in [`PARAMS`]; how packed values name their parameter. Ids are stable within one
/// journal format only: the journal keeps raw bodies, and checkpoints say which table they were written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ParamId(u8);

impl ParamId {
    /// The table has fewer entries than a byte has values; the build fails when it no longer has.
    const FITS_A_BYTE: () = assert!(PARAMS.len() < u8::MAX as usize);

    /// The id of a place in the table.
    pub(crate) const fn at(index: usize) -> Self {
        let () = Self::FITS_A_BYTE;
        Self(index as u8)
    }

    /// Its place in the table.
    pub const fn place(self) -> usize {
        self.0 as usize
    }

    /// The id as packed values store it.
    pub(crate) const fn as_byte(self) -> u8 {
        self.0
    }

    /// The parameter.
    pub fn param(self) -> &'static Param {
        &PARAMS[usize::from(self.0)]
    }

    /// The parameter of that key; `None` when the key is not documented.
    pub fn of_key(key: &str) -> Option<Self> {
        BY_KEY
            .binary_search_by(|&id| PARAMS[usize::from(id)].key.cmp(key))
            .ok()
            .map(|place| Self(BY_KEY[place]))
    }

    /// The parameter of that key, for keys written in code; fails the build when the table has no such key.
    pub const fn named(key: &str) -> Self {
        let mut index = 0;
        while index < PARAMS.len() {
            if compare(PARAMS[index].key.as_bytes(), key.as_bytes()) == 0 {
                return Self::at(index);
            }
            index += 1;
        }
        #[expect(clippy::panic, reason = "const context: fails the build, never a run")]
        {
            panic!("no such parameter in the table")
        }
    }

    /// With whom a viewer shares its values.
    pub(crate) fn kin(self) -> Kin {
        KIN[usize::from(self.0)]
    }

    /// All ids in table order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..PARAMS.len()).map(Self::at)
    }
}

/// With whom a viewer has the value of a parameter in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kin {
    /// With nobody.
    Nobody,
    /// With those who watch the same content, or the same ad or chapter.
    Content,
    /// With those who watch in the same player of the same publisher.
    Player,
}

impl Kin {
    /// Kinds of values that are shared.
    pub(crate) const SHARED: usize = 2;

    /// The place among the kinds of values that are shared.
    pub(crate) const fn place(self) -> Option<usize> {
        match self {
            Self::Nobody => None,
            Self::Content => Some(0),
            Self::Player => Some(1),
        }
    }
}

/// Values that say who watches.
const OF_ONE_VIEWER: &[ParamId] = &[
    ParamId::named("analytics.visitorId"),
    ParamId::named("analytics.aid"),
    ParamId::named("visitor.marketingCloudUserId"),
    ParamId::named("visitor.customerIDs"),
    ParamId::named("appInstallationId"),
];

/// Values that players of the same version send for whatever is watched.
const OF_A_PLAYER: &[ParamId] = &[
    ParamId::named("analytics.trackingServer"),
    ParamId::named("analytics.reportSuite"),
    ParamId::named("analytics.enableSSL"),
    ParamId::named("analytics.optOutServerSideForwarding"),
    ParamId::named("analytics.optOutShare"),
    ParamId::named("visitor.marketingCloudOrgId"),
    ParamId::named("visitor.aamLocationHint"),
    ParamId::named("media.playerName"),
    ParamId::named("media.channel"),
    ParamId::named("media.resume"),
    ParamId::named("media.downloaded"),
    ParamId::named("media.sdkVersion"),
    ParamId::named("media.libraryVersion"),
    ParamId::named("media.pass.mvpd"),
    ParamId::named("media.pass.auth"),
];

static KIN: [Kin; PARAMS.len()] = {
    let mut kin = [Kin::Content; PARAMS.len()];
    let mut place = 0;
    while place < OF_ONE_VIEWER.len() {
        kin[OF_ONE_VIEWER[place].0 as usize] = Kin::Nobody;
        place += 1;
    }
    place = 0;
    while place < OF_A_PLAYER.len() {
        kin[OF_A_PLAYER[place].0 as usize] = Kin::Player;
        place += 1;
    }
    kin
};

/// The table's places in the order of their keys, for look-ups without hashing or allocation.
static BY_KEY: [u8; PARAMS.len()] = sorted_by_key();

const fn sorted_by_key() -> [u8; PARAMS.len()] {
    let mut order = [0; PARAMS.len()];
    let mut index = 0;
    while index < order.len() {
        let mut place = index;
        while place > 0
            && compare(PARAMS[order[place - 1] as usize].key.as_bytes(), PARAMS[index].key.as_bytes()) > 0
        {
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = index as u8;
        index += 1;
    }
    order
}

/// Byte order as in `Ord`, which const code cannot call: negative, 0 or positive.
const fn compare(left: &[u8], right: &[u8]) -> i32 {
    let mut index = 0;
    while index < left.len() && index < right.len() {
        if left[index] != right[index] {
            return left[index] as i32 - right[index] as i32;
        }
        index += 1;
    }
    left.len() as i32 - right.len() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_unique() {
        for id in ParamId::all() {
            assert_eq!(ParamId::of_key(id.param().key), Some(id), "{}", id.param().key);
        }
        assert_eq!(ParamId::of_key("media.nothing"), None);
        assert_eq!(ParamId::named("media.id").param().key, "media.id");
    }

    #[test]
    fn columns_are_snake_case_and_each_stands_once() {
        let mut columns: Vec<_> = PARAMS.iter().filter_map(|param| param.column).collect();
        assert!(
            columns.iter().all(|column| column.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
        );
        columns.sort_unstable();
        assert!(columns.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
