//! The dashboard's files: contents, headers, and the response of a build without them.
use std::io::Read;

use crate::support::{Answer, TestServer, settings};
use flate2::read::GzDecoder;
use playhead_dashboard::Dashboard;

const PAGE: &[u8] = b"<!doctype html><title>Playhead</title>";
const SCRIPT: &[u8] = &[b'a'; 5_000];
const FONT: &[u8] = &[0; 5_000];

const PAGES: [&str; 14] = [
    "/",
    "/overview",
    "/side-by-side",
    "/content",
    "/content/a%2Fb%20c",
    "/concurrency",
    "/quality",
    "/ads",
    "/sessions",
    "/sessions/abc",
    "/visitors/a%2Fb%20c",
    "/sql",
    "/connect",
    "/login",
];

fn server() -> TestServer {
    let files = [
        ("index.html", PAGE),
        ("favicon.svg", b"<svg/>"),
        ("assets/index-1a2b.js", SCRIPT),
        ("assets/font-1a2b.woff2", FONT),
    ];
    TestServer::start_showing(settings(), Dashboard::of(files))
}

fn get(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> Answer {
    server.connect().request("GET", path, headers, b"")
}

fn assert_protected(answer: &Answer) {
    assert_eq!(
        answer.header("content-security-policy"),
        Some(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
             font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'"
        )
    );
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"));
    assert!(answer.header("permissions-policy").unwrap().contains("camera=()"));
    assert_eq!(answer.header("access-control-allow-origin"), None, "nothing for other sites");
}

#[test]
fn every_page_is_the_one_page_and_needs_no_login() {
    let server = server();
    for path in PAGES {
        let answer = get(&server, path, &[]);
        assert_eq!((answer.status, &*answer.body), (200, PAGE), "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_protected(&answer);
        assert_eq!(server.connect().request("HEAD", path, &[], b"").status, 200);
        server.connect().request("POST", path, &[], b"").assert_refused(404);
    }
    server.stop();
}

#[test]
fn files_are_sent_with_their_types_and_kept_as_long_as_their_names_allow() {
    let server = server();
    let script = get(&server, "/assets/index-1a2b.js", &[]);
    assert_eq!((script.status, &*script.body), (200, SCRIPT));
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(script.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(script.header("vary"), Some("Accept-Encoding"));
    assert_protected(&script);
    let icon = get(&server, "/favicon.svg", &[]);
    assert_eq!((icon.status, icon.header("content-type")), (200, Some("image/svg+xml")));
    assert_eq!(icon.header("cache-control"), Some("no-cache"));
    server.connect().request("POST", "/favicon.svg", &[], b"").assert_refused(404);
    for path in
        ["/assets/none.js", "/assets/", "/assets/../index.html", "/none", "/content/a/b", "/reports/v1/none"]
    {
        assert_eq!(get(&server, path, &[]).status, 404, "{path}");
    }
    let in_browser = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"), ("If-None-Match", "*")];
    for (path, content_type) in [
        ("/none", "text/html; charset=utf-8"),
        ("/content/a/b", "text/html; charset=utf-8"),
        ("/reports/v1/none", "application/json"),
        ("/api/v1/none", "application/json"),
        ("/assets/none.js", "application/json"),
    ] {
        let answer = get(&server, path, &in_browser);
        assert_eq!((answer.status, answer.header("content-type")), (404, Some(content_type)), "{path}");
    }
    assert_protected(&get(&server, "/none", &in_browser));
    server.stop();
}

#[test]
fn a_file_that_a_browser_has_is_not_sent_again() {
    let server = server();
    for encoding in ["identity", "gzip"] {
        let accept = ("Accept-Encoding", encoding);
        let etag = get(&server, "/assets/index-1a2b.js", &[accept]).header("etag").unwrap().to_owned();
        for known in [etag.clone(), format!("\"other\", W/{etag}"), "*".to_owned()] {
            let answer = get(&server, "/assets/index-1a2b.js", &[accept, ("If-None-Match", &known)]);
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{known}");
            assert_eq!(answer.header("etag"), Some(&*etag));
            assert_protected(&answer);
        }
        let answer = get(&server, "/assets/index-1a2b.js", &[accept, ("If-None-Match", "\"other\"")]);
        assert_eq!(answer.status, 200);
    }
    server.stop();
}

#[test]
fn texts_are_compressed_for_clients_that_accept_it() {
    let server = server();
    let gzip = ("Accept-Encoding", "br, gzip");
    let compressed = get(&server, "/assets/index-1a2b.js", &[gzip]);
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    let mut plain = Vec::new();
    GzDecoder::new(&*compressed.body).read_to_end(&mut plain).unwrap();
    assert_eq!(plain, SCRIPT);
    assert!(compressed.body.len() < SCRIPT.len() / 10);
    let plain = get(&server, "/assets/index-1a2b.js", &[("Accept-Encoding", "br, gzip;q=0")]);
    assert_eq!((plain.header("content-encoding"), &*plain.body), (None, SCRIPT));
    assert_ne!(plain.header("etag"), compressed.header("etag"), "they are two answers to a cache");
    assert_eq!(get(&server, "/assets/font-1a2b.woff2", &[gzip]).header("content-encoding"), None);
    assert_eq!(get(&server, "/", &[gzip]).header("content-encoding"), None, "too small to gain anything");
    server.stop();
}

#[test]
fn a_build_without_a_dashboard_says_so() {
    let server = TestServer::start(settings());
    for path in PAGES {
        let answer = get(&server, path, &[]);
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.body, b"this build has no dashboard: build with make\n");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    }
    assert_eq!(get(&server, "/favicon.svg", &[]).status, 404);
    server.assert_well();
    server.stop();
}
