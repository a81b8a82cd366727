//! Access: tokens and their roles, login and logout, the cookie, and its protection against other sites.
use crate::support::{Answer, Settings, TOKEN, TestServer, settings};
use serde_json::json;

const READ_TOKEN: &str = "read-token-of-the-tests";
const DASHBOARD: (&str, &str) = ("X-Playhead-Request", "dashboard");
const HOUR_MS: i64 = 3_600_000;

fn with_both() -> Settings {
    Settings { read_token: Some(READ_TOKEN.to_owned()), ..settings() }
}

fn log_in(server: &TestServer, token: &str) -> Answer {
    server.send("/reports/v1/login", &json!({"token": token}))
}

/// The cookie that a response sets, in the form that a browser sends back.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {answer:?}"));
    set.split(';').next().unwrap().to_owned()
}

fn logged_in(server: &TestServer, token: &str) -> String {
    let answer = log_in(server, token);
    assert_eq!(answer.status, 200, "{answer:?}");
    cookie(&answer)
}

fn ask(server: &TestServer, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    server.connect().request(method, path, headers, body)
}

fn access(server: &TestServer, cookie: &str) -> Answer {
    ask(server, "GET", "/reports/v1/access", &[("Cookie", cookie)], b"")
}

#[test]
fn a_login_sets_a_cookie_that_stands_for_the_token() {
    let server = TestServer::start(with_both());
    for (token, role) in [(TOKEN, "admin"), (READ_TOKEN, "read")] {
        let answer = log_in(&server, token);
        assert_eq!((answer.status, answer.json()), (200, json!({"role": role})));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let set = answer.header("set-cookie").unwrap();
        assert!(set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"), "{set}");
        assert!(!set.contains(token), "{set}");
        let several = format!("theme=dark; {}; playhead_login=", cookie(&answer));
        let answer = access(&server, &several);
        let expected = json!({
            "role": role, "version": env!("CARGO_PKG_VERSION"), "validation": "standard", "report_suites": [],
            "reorder_window_ms": 5_000, "idle_timeout_ms": 600_000, "time_zone": "UTC",
        });
        assert_eq!((answer.status, answer.json()), (200, expected));
        assert_eq!(ask(&server, "GET", "/metrics", &[("Cookie", &several)], b"").status, 200);
    }
    assert_ne!(logged_in(&server, TOKEN), logged_in(&server, TOKEN), "each login is its own");
    assert_eq!(access(&server, "").status, 401);
    server.stop();
}

#[test]
fn the_cookie_goes_over_tls_only_where_tls_ends_before_the_server() {
    let server = TestServer::start(settings());
    let body = json!({"token": TOKEN}).to_string();
    let set = |proto: &str| {
        let headers = [("X-Forwarded-Proto", proto)];
        let answer = ask(&server, "POST", "/reports/v1/login", &headers, body.as_bytes());
        answer.header("set-cookie").unwrap().to_owned()
    };
    assert!(set("https").ends_with("; Secure"));
    assert!(!set("http").contains("Secure"));
    server.stop();
}

#[test]
fn a_login_ends_after_twelve_hours_and_not_with_a_restart() {
    let server = TestServer::start(settings());
    let cookie = logged_in(&server, TOKEN);
    server.clock.advance(12 * HOUR_MS - 1_000);
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(access(&server, &cookie).status, 200);
    server.clock.advance(1_000);
    assert_eq!(access(&server, &cookie).status, 401);
    server.stop();
}

#[test]
fn another_token_ends_the_logins_of_its_role_alone() {
    let server = TestServer::start(with_both());
    let (admin, read) = (logged_in(&server, TOKEN), logged_in(&server, READ_TOKEN));
    let (store, clock) = server.stop();
    let changed = Settings { read_token: Some("another-token-of-the-tests".to_owned()), ..settings() };
    let server = TestServer::start_on(changed, store, clock);
    assert_eq!(access(&server, &admin).status, 200);
    assert_eq!(access(&server, &read).status, 401);
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(access(&server, &read).status, 401, "there is no read token any more");
    server.stop();
}

#[test]
fn a_forged_cookie_is_refused() {
    let server = TestServer::start(with_both());
    let read = logged_in(&server, READ_TOKEN);
    let promoted = read.replace(".read.", ".admin.");
    let (start, expiry) =
        (read.split('.').take(2).collect::<Vec<_>>().join("."), read.split('.').nth(2).unwrap());
    let later = read.replace(expiry, &(expiry.parse::<i64>().unwrap() + 1).to_string());
    let unsigned = read.rsplit_once('.').unwrap().0;
    for forged in
        [&*promoted, &later, unsigned, &format!("{unsigned}."), &start, "playhead_login=", "playhead_login"]
    {
        assert_eq!(access(&server, forged).status, 401, "{forged}");
    }
    assert_eq!(access(&server, &read).status, 200);
    server.stop();
}

#[test]
fn the_read_role_may_do_everything_but_upkeep() {
    let server = TestServer::start(with_both());
    let bearer = format!("Bearer {READ_TOKEN}");
    let bearer = [("Authorization", &*bearer)];
    let cookie = logged_in(&server, READ_TOKEN);
    let cookie = [("Cookie", &*cookie), DASHBOARD];
    let sql = br#"{"query": "select 1"}"#;
    for headers in [&bearer[..], &cookie] {
        for path in ["/reports/v1/sessions", "/reports/v1/faults", "/reports/v1/live/history", "/metrics"] {
            assert_eq!(ask(&server, "GET", path, headers, b"").status, 200, "{path}");
        }
        assert_eq!(ask(&server, "POST", "/reports/v1/sql", headers, sql).status, 200);
        let answer = ask(&server, "POST", "/reports/v1/maintenance", headers, b"");
        assert_eq!(answer.status, 403);
        assert!(answer.json()["message"].as_str().unwrap().contains("admin token"), "{answer:?}");
    }
    let admin = logged_in(&server, TOKEN);
    let answer = ask(&server, "POST", "/reports/v1/maintenance", &[("Cookie", &admin), DASHBOARD], b"");
    assert_eq!(answer.status, 200, "{answer:?}");
    server.stop();
}

#[test]
fn another_site_can_do_nothing_with_the_cookie() {
    let server = TestServer::start(settings());
    let cookie = logged_in(&server, TOKEN);
    let cookie = ("Cookie", &*cookie);
    let sql = br#"{"query": "select 1"}"#;
    let post = |path: &str, headers: &[(&str, &str)]| ask(&server, "POST", path, headers, sql);
    for path in ["/reports/v1/sql", "/reports/v1/maintenance", "/reports/v1/logout"] {
        let answer = post(path, &[cookie]);
        assert_eq!(answer.status, 403, "{path}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("X-Playhead-Request: dashboard"), "{message}");
        assert_eq!(post(path, &[cookie, ("X-Playhead-Request", "1")]).status, 403);
        for site in ["cross-site", "same-site"] {
            let answer = post(path, &[cookie, DASHBOARD, ("Sec-Fetch-Site", site)]);
            assert_eq!(answer.status, 403, "{path} {site}");
        }
    }
    for site in ["same-origin", "none"] {
        assert_eq!(post("/reports/v1/sql", &[cookie, DASHBOARD, ("Sec-Fetch-Site", site)]).status, 200);
    }
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(post("/reports/v1/sql", &[("Authorization", &bearer)]).status, 200, "no browser adds a token");
    let body = json!({"token": TOKEN}).to_string();
    let elsewhere = [("Sec-Fetch-Site", "cross-site")];
    assert_eq!(ask(&server, "POST", "/reports/v1/login", &elsewhere, body.as_bytes()).status, 403);
    server.stop();
}

#[test]
fn a_foreign_origin_passed_without_fetch_metadata() {
    let server = TestServer::start(settings());
    let cookie = logged_in(&server, TOKEN);
    let sql = br#"{"query": "select 1"}"#;
    let with = |more: &[(&str, &str)]| {
        let headers = [&[("Cookie", &*cookie), DASHBOARD], more].concat();
        ask(&server, "POST", "/reports/v1/sql", &headers, sql).status
    };
    for origin in ["http://evil.example", "null", "http://localhost.evil.example", "localhost", "http://", ""]
    {
        assert_eq!(with(&[("Origin", origin)]), 403, "{origin}");
        let body = json!({"token": TOKEN}).to_string();
        let answer = ask(&server, "POST", "/reports/v1/login", &[("Origin", origin)], body.as_bytes());
        assert_eq!(answer.status, 403, "{origin}");
    }
    for origin in ["http://localhost", "https://LOCALHOST", "http://localhost:80", "https://localhost:443"] {
        assert_eq!(with(&[("Origin", origin)]), 200, "{origin}");
    }
    let dashboard = ("Origin", "https://video.example:8443");
    assert_eq!(with(&[dashboard]), 403);
    assert_eq!(with(&[dashboard, ("X-Forwarded-Host", "video.example:8443, inner")]), 200, "behind a proxy");
    assert_eq!(with(&[dashboard, ("Sec-Fetch-Site", "same-origin")]), 200);
    server.stop();
}

#[test]
fn a_logout_takes_the_cookie_back() {
    let server = TestServer::start(settings());
    let set = logged_in(&server, TOKEN);
    let answer = ask(&server, "POST", "/reports/v1/logout", &[("Cookie", &set), DASHBOARD], b"");
    assert_eq!((answer.status, &*cookie(&answer)), (204, "playhead_login="));
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(ask(&server, "POST", "/reports/v1/logout", &[], b"").status, 204, "nobody is logged in");
    assert_eq!(ask(&server, "GET", "/reports/v1/logout", &[], b"").status, 405);
    server.stop();
}

#[test]
fn a_cookie_does_not_make_up_for_a_wrong_bearer_token() {
    let server = TestServer::start(settings());
    let cookie = logged_in(&server, TOKEN);
    let headers = [("Cookie", &*cookie), ("Authorization", "Bearer wrong")];
    assert_eq!(ask(&server, "GET", "/reports/v1/access", &headers, b"").status, 401);
    server.stop();
}

/// Sends as many wrong tokens as one address may within a minute.
fn use_up_wrong_tokens(server: &TestServer) {
    for _ in 0..playhead_node::limits::WRONG_TOKENS {
        let answer = log_in(server, "wrong-token-of-the-tests");
        assert_eq!((answer.status, answer.header("set-cookie")), (401, None));
    }
}

#[test]
fn twenty_wrong_logins_shut_out_everybody() {
    let server = TestServer::start(settings());
    let inside = logged_in(&server, TOKEN);
    for body in [&b""[..], b"{}", b"[]", br#"{"token": 1}"#, br#"{"token": "a", "more": 1}"#] {
        assert_eq!(server.post("/reports/v1/login", body).status, 400);
    }
    use_up_wrong_tokens(&server);
    server.clock.advance(20_000);
    let answer = log_in(&server, "wrong-token-of-the-tests");
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("40")));
    assert!(answer.json()["message"].as_str().unwrap().contains("at most 20 a minute"), "{answer:?}");
    assert_eq!(log_in(&server, TOKEN).status, 200, "the right token passes whatever came before");
    assert_eq!(access(&server, &inside).status, 200, "a login stays valid");
    assert_eq!(server.get("/reports/v1/access").status, 200);
    server.clock.advance(40_000);
    use_up_wrong_tokens(&server);
    assert_eq!(server.refused("too_many_wrong_tokens"), 1.0);
    server.stop();
}

#[test]
fn wrong_bearer_tokens_and_cookies_had_no_limit() {
    let server = TestServer::start(with_both());
    let good = logged_in(&server, READ_TOKEN);
    let forged = good.replace(".read.", ".admin.");
    let wrong: [&[(&str, &str)]; 4] = [
        &[("Authorization", "Bearer wrong-token-of-the-tests")],
        &[("Authorization", "Basic dXNlcjpwYXNzd29yZA==")],
        &[("Cookie", &forged)],
        &[("Cookie", "playhead_login=1.read.99999999999.00.00")],
    ];
    let paths = ["/reports/v1/access", "/reports/v1/sessions", "/metrics"];
    let ask_wrongly = |turn: usize| {
        let headers = wrong[turn % wrong.len()];
        ask(&server, "GET", paths[turn % paths.len()], headers, b"")
    };
    for turn in 0..playhead_node::limits::WRONG_TOKENS as usize {
        assert_eq!(ask_wrongly(turn).status, 401, "{turn}");
    }
    for turn in 0..12 {
        let answer = ask_wrongly(turn);
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some("60")), "{turn}");
    }
    assert_eq!(log_in(&server, "wrong-token-of-the-tests").status, 429, "all doors count as one");
    assert_eq!(access(&server, &good).status, 200);
    assert_eq!(access(&server, "").status, 401, "who sends no token guesses none");
    assert_eq!(server.get("/metrics").status, 200);
    server.stop();
}

#[test]
fn a_dashboard_that_was_left_open_overnight_counts_as_no_guess() {
    let server = TestServer::start(settings());
    let cookie = logged_in(&server, TOKEN);
    server.clock.advance(12 * HOUR_MS);
    for _ in 0..2 * playhead_node::limits::WRONG_TOKENS {
        assert_eq!(access(&server, &cookie).status, 401);
    }
    server.stop();
}

#[test]
fn tokens_that_are_short_or_alike_are_refused() {
    let outcome = |settings: Settings| {
        std::panic::catch_unwind(|| TestServer::start(settings).stop())
            .map(|_| ())
            .map_err(|error| error.downcast_ref::<String>().cloned().unwrap_or_default())
    };
    let short = Settings { read_token: Some("short".to_owned()), ..settings() };
    assert!(outcome(short).unwrap_err().contains("read_token must have at least 16 characters"));
    let alike = Settings { read_token: Some(TOKEN.to_owned()), ..settings() };
    assert!(outcome(alike).unwrap_err().contains("another one than admin_token"));
}
