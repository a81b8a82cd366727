//! Events as JSON, as players write it.

use std::io::Write;

use playhead_protocol::time::DAY_MS;
use xxhash_rust::xxh3::xxh3_64;

use crate::viewer::event::{Event, Happening};
use crate::viewer::script::Identity;
use crate::world::catalogue::{
    BITRATES, CHANNELS, Catalogue, Content, ERRORS, PLAYERS, REPORT_SUITES, STATES,
};

/// What all bodies of a run share.
#[derive(Debug)]
pub(crate) struct Bodies<'run> {
    pub(crate) run: &'run str,
    /// The beginning of the run, ms since the epoch.
    pub(crate) begin_ms: i64,
    pub(crate) catalogue: &'run Catalogue,
}

impl Bodies<'_> {
    /// Appends the body of an event.
    pub(crate) fn write(&self, out: &mut Vec<u8>, event: &Event, identity: &Identity) {
        let content = self.catalogue.content(identity.content);
        // Writing to memory does not fail.
        let _written = self.try_write(out, event, identity, content);
    }

    /// A number that tells whether two runs send the same: of the event as if the run had no name and began at 0.
    pub(crate) fn digest(&self, scratch: &mut Vec<u8>, event: &Event, identity: &Identity) -> u64 {
        scratch.clear();
        let unnamed = Bodies { run: "", begin_ms: 0, catalogue: self.catalogue };
        unnamed.write(scratch, event, identity);
        scratch.extend_from_slice(&identity.seat.to_le_bytes());
        scratch.extend_from_slice(&identity.visit.to_le_bytes());
        xxh3_64(scratch)
    }

    fn try_write(
        &self,
        out: &mut Vec<u8>,
        event: &Event,
        identity: &Identity,
        content: &Content,
    ) -> std::io::Result<()> {
        let playhead_ms = match content.is_live() {
            true => (self.begin_ms + event.playhead_ms).rem_euclid(DAY_MS),
            false => event.playhead_ms,
        };
        let ts_ms = self.begin_ms + event.ts_ms;
        out.extend_from_slice(b"{\"playerTime\":{\"playhead\":");
        write_seconds(out, playhead_ms)?;
        let event_type = event.happening.event_type();
        write!(out, ",\"ts\":{ts_ms}}},\"eventType\":\"{event_type}\",\"params\":{{")?;
        self.write_params(out, event, identity, content)?;
        out.push(b'}');
        self.write_quality(out, event)?;
        self.write_metadata(out, event.happening, identity)?;
        out.push(b'}');
        Ok(())
    }

    fn write_params(
        &self,
        out: &mut Vec<u8>,
        event: &Event,
        identity: &Identity,
        content: &Content,
    ) -> std::io::Result<()> {
        match event.happening {
            Happening::SessionStart => write_start(out, identity, content),
            Happening::AdBreakStart { roll, number } => {
                let name = roll.name();
                write!(out, "\"media.ad.podFriendlyName\":\"{name}\",\"media.ad.podIndex\":{number},")?;
                out.extend_from_slice(b"\"media.ad.podSecond\":");
                write_seconds(out, event.playhead_ms.max(0))
            }
            Happening::AdStart { ad, place } => {
                let ad = &self.catalogue.ads[usize::from(ad)];
                let player = PLAYERS[usize::from(identity.player)].name;
                write!(
                    out,
                    "\"media.ad.id\":\"{}\",\"media.ad.name\":\"{}\",\"media.ad.podPosition\":{place},\
                     \"media.ad.playerName\":\"{player}\",\"media.ad.advertiser\":\"{}\",\"media.ad.length\":",
                    ad.id, ad.name, ad.advertiser
                )?;
                write_seconds(out, ad.length_ms)
            }
            Happening::ChapterStart(number) => {
                let place = i64::from(number) + 1;
                write!(
                    out,
                    "\"media.chapter.index\":{place},\"media.chapter.friendlyName\":\"Chapter {place}\",\
                     \"media.chapter.offset\":"
                )?;
                write_seconds(out, i64::from(number) * content.chapter_ms)?;
                out.extend_from_slice(b",\"media.chapter.length\":");
                write_seconds(out, content.length_of_chapter_ms(number))
            }
            Happening::StateStart(state) | Happening::StateEnd(state) => {
                write!(out, "\"media.state.name\":\"{}\"", STATES[usize::from(state)])
            }
            _ => Ok(()),
        }
    }

    fn write_quality(&self, out: &mut Vec<u8>, event: &Event) -> std::io::Result<()> {
        if let Happening::Error { error, is_external } = event.happening {
            let source = if is_external { "external" } else { "player" };
            let id = ERRORS[usize::from(error)];
            return write!(
                out,
                ",\"qoeData\":{{\"media.qoe.errorID\":\"{id}\",\"media.qoe.errorSource\":\"{source}\"}}"
            );
        }
        let Some(quality) = event.quality else { return Ok(()) };
        write!(
            out,
            ",\"qoeData\":{{\"media.qoe.bitrate\":{},\"media.qoe.droppedFrames\":{},\
             \"media.qoe.framesPerSecond\":50,\"media.qoe.timeToStart\":{}}}",
            BITRATES[usize::from(quality.bitrate)],
            quality.dropped_frames,
            quality.time_to_start_ms
        )
    }

    fn write_metadata(
        &self,
        out: &mut Vec<u8>,
        happening: Happening,
        identity: &Identity,
    ) -> std::io::Result<()> {
        match happening {
            Happening::SessionStart => {
                let plan = if identity.has_plan { "premium" } else { "free" };
                write!(
                    out,
                    ",\"customMetadata\":{{\"run\":\"{}\",\"viewer\":\"{}-{}\",\"plan\":\"{plan}\"}}",
                    self.run, identity.seat, identity.visit
                )
            }
            Happening::AdStart { place, .. } => {
                write!(out, ",\"customMetadata\":{{\"placement\":\"place-{place}\"}}")
            }
            Happening::ChapterStart(0) => out.write_all(b",\"customMetadata\":{\"segmentType\":\"intro\"}"),
            _ => Ok(()),
        }
    }
}

fn write_start(out: &mut Vec<u8>, identity: &Identity, content: &Content) -> std::io::Result<()> {
    write!(
        out,
        "\"analytics.trackingServer\":\"metrics.example.com\",\"analytics.reportSuite\":\"{}\",\
         \"analytics.visitorId\":\"sim-{}\",\"visitor.marketingCloudOrgId\":\"0123456789ABCDEF@AdobeOrg\",\
         \"media.id\":\"{}\",\"media.name\":\"{}\",\"media.contentType\":\"{}\",\
         \"media.streamType\":\"{}\",\"media.playerName\":\"{}\",\"media.channel\":\"{}\",\
         \"media.sdkVersion\":\"7.4.{}\",",
        REPORT_SUITES[usize::from(identity.report_suite)],
        identity.seat,
        content.id,
        content.name,
        content.content_type,
        if content.content_type == "podcast" { "audio" } else { "video" },
        PLAYERS[usize::from(identity.player)].name,
        CHANNELS[usize::from(identity.channel)],
        identity.seat % 4,
    )?;
    if let Some(show) = &content.show {
        write!(out, "\"media.show\":\"{show}\",")?;
    }
    if identity.is_resumed {
        out.extend_from_slice(b"\"media.resume\":true,");
    }
    out.extend_from_slice(b"\"media.length\":");
    write_seconds(out, content.length_ms)
}

/// Milliseconds as seconds, the shortest way.
fn write_seconds(out: &mut Vec<u8>, ms: i64) -> std::io::Result<()> {
    match ms % 1_000 {
        0 => write!(out, "{}", ms / 1_000),
        part => write!(out, "{}.{:03}", ms / 1_000, part.abs()),
    }
}
