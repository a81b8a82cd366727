//! A list that does not have all says how much it leaves out.

use playhead_report::panels::ads::{AdNumbers, AdsRequest, OtherAdNumbers};
use playhead_report::panels::concurrency::ConcurrencyRequest;
use playhead_report::panels::funnel::FunnelRequest;
use playhead_report::panels::quality::QualityRequest;
use playhead_report::panels::time_spent::TimeSpentRequest;
use playhead_samples::{SampleSettings, Sessions};

use crate::panels::scene::{Scene, pairs};

async fn scene() -> Scene {
    let settings =
        SampleSettings { open_sessions: true, sessions: 400, contents: 5, ..SampleSettings::default() };
    Scene::new(Sessions::new(77, settings).collect()).await
}

#[tokio::test]
async fn lists_of_ads_and_breaks_say_what_they_leave_out() {
    let reports = scene().await.reports;
    let short = reports.ads(&AdsRequest::parse(&pairs(&[("limit", "1")]), 0).unwrap()).await.unwrap();
    let long = reports.ads(&AdsRequest::parse(&pairs(&[("limit", "50")]), 0).unwrap()).await.unwrap();
    let numbers =
        |of: &AdNumbers| [of.ad_starts, of.ad_completes, of.ad_skips, of.ads_not_completed, of.ads_open];
    let check = |name: &str, listed: &[AdNumbers], all: usize, other: Option<&OtherAdNumbers>| {
        assert!(all > 1, "{name}");
        let other = other.unwrap();
        assert_eq!(other.values as usize, all - listed.len(), "{name}");
        let mut whole = numbers(&other.numbers);
        for of in listed {
            whole.iter_mut().zip(numbers(of)).for_each(|(whole, part)| *whole += part);
        }
        assert_eq!(whole, numbers(&short.all), "{name}");
    };
    let by_ad: Vec<AdNumbers> = short.by_ad.iter().map(|of| of.numbers.clone()).collect();
    check("by_ad", &by_ad, long.by_ad.len(), short.other.by_ad.as_ref());
    let by_advertiser: Vec<AdNumbers> = short.by_advertiser.iter().map(|of| of.numbers.clone()).collect();
    check("by_advertiser", &by_advertiser, long.by_advertiser.len(), short.other.by_advertiser.as_ref());
    let by_campaign: Vec<AdNumbers> = short.by_campaign.iter().map(|of| of.numbers.clone()).collect();
    check("by_campaign", &by_campaign, long.by_campaign.len(), short.other.by_campaign.as_ref());
    assert!(long.other.by_advertiser.is_none() && long.other.by_position.is_none());

    let (listed, left_out) = (short.breaks.unwrap(), short.other.breaks.unwrap());
    let (all, beyond) = (long.breaks.unwrap(), long.other.breaks);
    let viewers: u64 =
        all.iter().map(|of| of.viewers).sum::<u64>() + beyond.as_ref().map_or(0, |of| of.viewers);
    assert_eq!(listed[0].viewers + left_out.viewers, viewers);
    assert_eq!(left_out.values as usize + 1, all.len() + beyond.map_or(0, |of| of.values as usize));
}

#[tokio::test]
async fn lists_of_errors_say_what_they_leave_out() {
    let reports = scene().await.reports;
    let quality = async |limit: &str| {
        let request = QualityRequest::parse(&pairs(&[("limit", limit)]), 0).unwrap();
        reports.quality(&request).await.unwrap()
    };
    let (short, long) = (quality("1").await, quality("50").await);
    let other = short.other.errors_by_id.unwrap();
    assert_eq!(other.values as usize, long.errors_by_id.len() - 1);
    assert_eq!(other.errors + short.errors_by_id[0].errors, short.all.error_events);
    for (listed, all, other) in [
        (&short.errors_by_player, &long.errors_by_player, short.other.errors_by_player),
        (&short.errors_by_app_version, &long.errors_by_app_version, short.other.errors_by_app_version),
    ] {
        let other = other.unwrap();
        assert_eq!(other.values as usize, all.len() - 1);
        assert_eq!(other.sessions + listed[0].sessions, short.all.sessions);
        assert_eq!(other.error_sessions + listed[0].error_sessions, short.all.error_sessions);
        let rate = other.error_sessions as f64 / other.sessions as f64;
        assert!((other.error_rate.unwrap() - rate).abs() < 1e-6);
    }
    assert!(short.other.bitrates.is_none() && long.other.errors_by_id.is_none());
    assert!(long.other.errors_by_player.is_none() && long.other.errors_by_app_version.is_none());
}

#[tokio::test]
async fn breakdowns_say_how_many_values_they_leave_out() {
    let scene = Scene::random(78, 300).await;
    for (limit, other) in [("1", 3), ("4", 0)] {
        let query =
            pairs(&[("by", "channel"), ("limit", limit), ("from", "2026-10-24"), ("to", "2026-10-26")]);
        let funnel = scene.reports.funnel(&FunnelRequest::parse(&query, 0).unwrap()).await.unwrap();
        assert_eq!((funnel.other_values, funnel.other.is_some()), (other, other > 0));
        let time = TimeSpentRequest::parse(&query, 0).unwrap();
        let time = scene.reports.time_spent(&time).await.unwrap();
        assert_eq!((time.other_values, time.other.is_some()), (other, other > 0));
        let counts = ConcurrencyRequest::parse(&query, i64::MAX).unwrap();
        let counts = scene.reports.concurrency(&counts).await.unwrap();
        assert_eq!((counts.other_values, counts.other.is_some()), (other, other > 0));
    }
}
