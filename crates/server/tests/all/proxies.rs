//! Reverse proxies: for whom limits count what comes through them.

use playhead_node::ingest::proxies::TrustedProxies;
use playhead_node::limits::{BATCH_BYTES, WRONG_TOKENS};

use crate::support::{Answer, Connection, Settings, TestServer, settings};

const FOR: &str = "X-Forwarded-For";

/// A server behind a proxy on this machine, and further ones in 10.0.0.0/8.
fn behind_proxies() -> Settings {
    let networks = ["127.0.0.1", "10.0.0.0/8"].map(|network| network.parse().unwrap());
    Settings { trusted_proxies: TrustedProxies::of(networks.into()).unwrap(), ..settings() }
}

/// Guesses a token, as the headers of a proxy say for whom.
fn guess(connection: &mut Connection, headers: &[(&str, &str)]) -> u16 {
    let headers = [headers, &[("Authorization", "Bearer wrong-token-of-the-tests")]].concat();
    connection.request("GET", "/reports/v1/access", &headers, b"").status
}

/// Guesses as often as one client may.
fn use_up(connection: &mut Connection, headers: &[(&str, &str)]) {
    for _ in 0..WRONG_TOKENS {
        assert_eq!(guess(connection, headers), 401, "{headers:?}");
    }
}

#[test]
fn one_guesser_behind_a_proxy_shut_out_the_others() {
    let server = TestServer::start(behind_proxies());
    // A proxy has one connection for many clients.
    let mut proxy = server.connect();
    use_up(&mut proxy, &[(FOR, "192.0.2.1")]);
    assert_eq!(guess(&mut proxy, &[(FOR, "192.0.2.1")]), 429);
    assert_eq!(guess(&mut proxy, &[(FOR, "192.0.2.2")]), 401);
    assert_eq!(guess(&mut proxy, &[]), 401, "the proxy itself");
    for written in [
        "192.0.2.1:4711",
        "198.51.100.9, 192.0.2.1, 10.0.0.2",
        "::ffff:192.0.2.1",
        "garbage, 192.0.2.1",
        "192.0.2.1,10.0.0.2, [::ffff:10.0.0.3]:80",
    ] {
        assert_eq!(guess(&mut proxy, &[(FOR, written)]), 429, "{written}");
    }
    assert_eq!(guess(&mut proxy, &[("Forwarded", "for=\"192.0.2.1:80\";proto=https, for=10.0.0.2")]), 429);
    let mut elsewhere = server.connect();
    assert_eq!(guess(&mut elsewhere, &[(FOR, "192.0.2.1")]), 429, "whatever the connection");
    use_up(&mut proxy, &[(FOR, "[2001:db8::7]:4711")]);
    assert_eq!(guess(&mut proxy, &[(FOR, "2001:db8::8")]), 429, "an IPv6 /64 is one client");
    assert_eq!(guess(&mut proxy, &[("Forwarded", "For=\"[2001:db8::9]\"")]), 429);
    assert_eq!(guess(&mut proxy, &[(FOR, "2001:db8:0:1::7")]), 401);
    server.stop();
}

#[test]
fn a_guesser_is_not_somebody_else_each_time() {
    let server = TestServer::start(behind_proxies());
    let mut proxy = server.connect();
    let many = (0..100).map(|host| format!("203.0.113.{host}")).collect::<Vec<_>>().join(", ");
    for turn in 0..WRONG_TOKENS {
        // The client says all but the end, which the proxy adds.
        let said = [
            format!("203.0.113.{turn}, 192.0.2.1"),
            format!("10.0.0.{turn}, 203.0.113.{turn}, 192.0.2.1"),
            format!("unknown{turn}, 192.0.2.1"),
            format!("{many}, 192.0.2.1"),
        ];
        let said = &said[turn as usize % said.len()];
        assert_eq!(guess(&mut proxy, &[(FOR, said)]), 401, "{said}");
    }
    assert_eq!(guess(&mut proxy, &[(FOR, "192.0.2.1")]), 429);
    // What cannot be told apart counts as the proxy: one more client, and not one for each word.
    for turn in 0..WRONG_TOKENS {
        let (word, other) = (format!("word{turn}"), format!("for=198.51.100.{turn}"));
        let headers: [&[(&str, &str)]; 3] = [
            &[(FOR, &word)],
            &[(FOR, "192.0.2.2"), ("Forwarded", &other)],
            &[("Forwarded", "for=\"192.0.2.2")],
        ];
        assert_eq!(guess(&mut proxy, headers[turn as usize % 3]), 401, "{word}");
    }
    assert_eq!(guess(&mut proxy, &[]), 429);
    assert_eq!(guess(&mut proxy, &[(FOR, "word")]), 429);
    server.stop();
}

#[test]
fn strangers_are_not_believed() {
    let server = TestServer::start(settings());
    let mut stranger = server.connect();
    for turn in 0..WRONG_TOKENS {
        let (address, element) = (format!("192.0.2.{turn}"), format!("for=192.0.2.{turn}"));
        assert_eq!(guess(&mut stranger, &[(FOR, &address), ("Forwarded", &element)]), 401);
    }
    assert_eq!(guess(&mut stranger, &[(FOR, "192.0.2.200")]), 429);
    server.stop();
    // Nor are those who come past the proxy.
    let server = TestServer::start(behind_proxies());
    let mut stranger = server.connect_from("127.0.0.2");
    for turn in 0..WRONG_TOKENS {
        assert_eq!(guess(&mut stranger, &[(FOR, &format!("192.0.2.{turn}"))]), 401);
    }
    assert_eq!(guess(&mut stranger, &[(FOR, "192.0.2.200")]), 429);
    assert_eq!(guess(&mut server.connect(), &[(FOR, "192.0.2.200")]), 401);
    server.stop();
}

#[test]
fn the_rate_of_requests_is_that_of_each_client() {
    let mut slow = behind_proxies();
    slow.capacity.address_requests_per_second = 1;
    let server = TestServer::start(slow);
    let mut proxy = server.connect();
    let mut ask =
        |client: &str| -> Answer { proxy.request("GET", "/api/v1/schemas/play", &[(FOR, client)], b"") };
    let refused = (0..30).map(|_| ask("192.0.2.1")).find(|answer| answer.status == 429);
    refused.expect("a burst has an end").assert_refused(429);
    assert_eq!(ask("192.0.2.2").status, 200);
    server.stop();
}

#[test]
fn large_bodies_of_one_client_left_no_room_to_others_behind_its_proxy() {
    let server = TestServer::start(behind_proxies());
    let mut endless: Vec<_> = (0..17).map(|_| server.connect()).collect();
    std::thread::scope(|scope| {
        for connection in &mut endless {
            scope.spawn(|| {
                let head = format!(
                    "POST /api/v1/downloaded HTTP/1.1\r\nHost: localhost\r\n{FOR}: 192.0.2.1\r\n\
                     Content-Length: {BATCH_BYTES}\r\n\r\n["
                );
                connection.send(head.as_bytes());
                connection.send(&vec![b' '; BATCH_BYTES - 2]);
            });
        }
    });
    server.wait_until("too many are refused", |server| server.refused("busy") > 0.0);
    // 400, for a body that is white space, says that it was read to its end.
    let large = [b"[", &vec![b' '; BATCH_BYTES - 2][..], b"]"].concat();
    let mut other = server.connect();
    other.request("POST", "/api/v1/downloaded", &[(FOR, "192.0.2.2")], &large).assert_refused(400);
    server.stop();
}
