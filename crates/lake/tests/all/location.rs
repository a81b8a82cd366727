//! The locations that an operator can name.

use playhead_lake::{Error, Location};

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn directories_are_made_absolute() {
    let here = std::env::current_dir().unwrap();
    let url = Location::parse("some/lake", &[]).unwrap().url().to_string();
    assert_eq!(url, format!("file://{}/some/lake/", here.display()));
    assert_eq!(Location::parse("/srv/lake", &[]).unwrap().url().as_str(), "file:///srv/lake/");
    assert_eq!(Location::parse("file:///srv/a%20lake", &[]).unwrap().url().as_str(), "file:///srv/a%20lake/");
    assert_eq!(Location::parse("/srv/a lake", &[]).unwrap().url().as_str(), "file:///srv/a%20lake/");
}

#[test]
fn buckets_have_a_prefix_or_none() {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "b"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
    ];
    let keys = environment(&keys);
    assert_eq!(Location::parse("s3://bucket/a/b", &keys).unwrap().url().as_str(), "s3://bucket/a/b/");
    assert_eq!(Location::parse("s3://bucket", &keys).unwrap().url().as_str(), "s3://bucket/");
}

#[test]
fn invalid_locations_are_refused() {
    for (place, message) in [
        ("gs://bucket/lake", "gs:// is not supported; a directory, file:// and s3:// are"),
        ("s3://", "names no bucket"),
        ("s3:///lake", "names no bucket"),
        ("", "empty"),
        ("file://elsewhere/lake", "names no directory here"),
    ] {
        let error = Location::parse(place, &[]).unwrap_err();
        assert!(matches!(error, Error::Location { .. }));
        assert!(error.to_string().contains(message), "{place}: {error}");
    }
    let wrong = environment(&[("AWS_ALLOW_HTTP", "perhaps")]);
    assert!(Location::parse("s3://bucket", &wrong).is_err());
}

#[test]
fn variables_of_other_programs_do_no_harm() {
    let others = [("TOKEN", "x"), ("BUCKET", "other"), ("ALLOW_HTTP", "perhaps"), ("AWS_PROFILE", "x")];
    Location::parse("s3://bucket", &environment(&others)).unwrap();
}
