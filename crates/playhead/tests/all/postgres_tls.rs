//! TLS on the PostgreSQL port, with psql, and with a client that does what psql does not.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::{Ended, ServerProcess, binary, run};

const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

fn certificates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/tls")
}

/// A server with the certificate `name` of the tests, and more settings.
fn server_with(directory: &Path, name: &str, args: &[&str]) -> ServerProcess {
    let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
    let [certificate, key] = [certificate, key].map(|name| directory.join(name).to_str().unwrap().to_owned());
    let tls = ["--postgres-tls-certificate", &certificate, "--postgres-tls-key", &key];
    ServerProcess::start(&[&tls, args].concat())
}

fn server() -> ServerProcess {
    server_with(&certificates(), "server", &["--postgres-listen", "127.0.0.1:0"])
}

/// The port that the banner names.
fn port(server: &ServerProcess) -> u16 {
    let (_, behind) = server.banner().split_once("host=127.0.0.1 port=").unwrap();
    behind.split(' ').next().unwrap().parse().unwrap()
}

/// Runs a statement with psql; `how` says which address and which TLS, in the words of libpq.
fn psql(server: &ServerProcess, how: &str, statement: &str) -> Ended {
    let place = format!("port={} user=anybody dbname=playhead connect_timeout=30 {how}", port(server));
    let mut command = Command::new("psql");
    command.env("PGPASSWORD", server.token()).args(["--no-psqlrc", "--no-password", "-At", "-c", statement]);
    run(command.arg("-d").arg(place))
}

/// Libpq's words for a certificate that must be right.
fn verified(authority: &str) -> String {
    let authority = certificates().join(authority);
    format!("host=localhost hostaddr=127.0.0.1 sslmode=verify-full sslrootcert={}", authority.display())
}

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// A connection that begins TLS at once, or after a request and its answer.
fn secure(server: &ServerProcess, protocols: &[&[u8]], asks: bool) -> Tls {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificates().join("ca.pem")).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let mut stream = connect(server);
    if asks {
        stream.write_all(&TLS_REQUEST).unwrap();
        let mut answer = [0];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"S");
    }
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
}

fn connect(server: &ServerProcess) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port(server))).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// A message of the protocol: its type and its content.
fn message(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [kind, &length, body].concat()
}

fn startup() -> Vec<u8> {
    message(b"", &[&196_608_u32.to_be_bytes()[..], b"user\0anybody\0database\0playhead\0\0"].concat())
}

fn next_message(stream: &mut impl Read) -> (u8, Vec<u8>) {
    let mut head = [0; 5];
    stream.read_exact(&mut head).unwrap();
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    let mut body = vec![0; usize::try_from(length).unwrap() - 4];
    stream.read_exact(&mut body).unwrap();
    (head[0], body)
}

/// Logs in; returns what a cancel request for this connection says.
fn log_in(server: &ServerProcess, stream: &mut Tls) -> Vec<u8> {
    stream.write_all(&startup()).unwrap();
    stream.write_all(&message(b"p", format!("{}\0", server.token()).as_bytes())).unwrap();
    let mut key = Vec::new();
    loop {
        match next_message(stream) {
            (b'K', body) => key = body,
            (b'E', body) => panic!("{}", String::from_utf8_lossy(&body)),
            (b'Z', _) => return key,
            _ => {}
        }
    }
}

/// The messages up to the next one that says the connection is ready: their kinds, and the last error.
fn until_ready(stream: &mut Tls) -> (Vec<u8>, String) {
    let (mut kinds, mut error) = (Vec::new(), String::new());
    loop {
        let (kind, body) = next_message(stream);
        kinds.push(kind);
        match kind {
            b'E' => error = String::from_utf8_lossy(&body).into_owned(),
            b'Z' => return (kinds, error),
            _ => {}
        }
    }
}

/// What comes until the connection ends.
fn last_words(mut stream: impl Read) -> String {
    let mut words = Vec::new();
    // It may be reset because not all was read.
    let _ended = stream.read_to_end(&mut words);
    String::from_utf8_lossy(&words).into_owned()
}

#[test]
fn tokens_could_only_travel_in_clear() {
    let server = server();
    assert!(server.banner().contains("sslmode=require"), "{}", server.banner());
    for how in ["host=127.0.0.1 sslmode=require".to_owned(), verified("ca.pem")] {
        assert_eq!(psql(&server, &how, "select 1").fine(), "1\n", "{how}");
    }
    let mistaken = psql(&server, &verified("other-ca.pem"), "select 1");
    assert!(mistaken.err.contains("certificate verify failed"), "{}", mistaken.err);
    let rows = "select repeat('x', 1000) from generate_series(1, 20000)";
    let answer = psql(&server, "host=127.0.0.1 sslmode=require", rows).fine();
    assert_eq!(answer.lines().filter(|line| line.len() == 1_000).count(), 20_000, "all rows come");
}

#[test]
fn a_server_without_a_certificate_goes_on_without_tls() {
    let server = ServerProcess::start(&["--postgres-listen", "127.0.0.1:0"]);
    assert_eq!(psql(&server, "host=127.0.0.1 sslmode=prefer", "select 1").fine(), "1\n");
    let refused = psql(&server, "host=127.0.0.1 sslmode=require", "select 1");
    assert!(refused.err.contains("server does not support SSL"), "{}", refused.err);
    assert!(!server.log().contains("in clear"), "nobody else can read what stays on the machine");
    let exposed = ServerProcess::start(&["--postgres-listen", "0.0.0.0:0"]);
    assert!(exposed.log().contains("in clear"), "{}", exposed.log());
}

#[test]
fn clients_on_the_same_machine_need_no_tls() {
    let server = server_with(&certificates(), "server", &["--postgres-listen", "0.0.0.0:0"]);
    assert_eq!(psql(&server, "host=127.0.0.1 sslmode=disable", "select 1").fine(), "1\n");
    assert!(!server.log().contains("in clear"), "{}", server.log());
}

/// An address of this machine that others can reach; `None` if it has none.
fn outward() -> Option<IpAddr> {
    // A socket for datagrams finds its way without sending any.
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_loopback())
}

#[test]
fn a_token_in_clear_was_taken_from_an_address_that_is_not_the_machines_own() {
    let Some(outward) = outward() else { return };
    // From here, the client's address is the outward one too: all that the server can tell is that it is no loopback address.
    let log_in = |server: &ServerProcess, address: IpAddr| {
        let mut stream = TcpStream::connect((address, port(server))).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(&startup()).unwrap();
        let (kind, body) = next_message(&mut stream);
        (kind, String::from_utf8_lossy(&body).into_owned())
    };
    let server = server_with(&certificates(), "server", &["--postgres-listen", "0.0.0.0:0"]);
    let (kind, words) = log_in(&server, outward);
    assert!(kind == b'E' && words.contains("28000") && words.contains("over TLS only"), "{words}");
    assert_eq!(log_in(&server, [127, 0, 0, 1].into()).0, b'R', "it may stay in clear on the machine");
    let how = format!("host={outward} sslmode=require");
    assert_eq!(psql(&server, &how, "select 1").fine(), "1\n");
    let optional = server_with(
        &certificates(),
        "server",
        &["--postgres-listen", "0.0.0.0:0", "--postgres-tls-optional"],
    );
    assert_eq!(log_in(&optional, outward).0, b'R');
}

#[test]
fn a_renewed_certificate_needed_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let put = |from: &str, to: &str| {
        // As those do who renew certificates: another file under the same name.
        let fresh = directory.path().join("fresh");
        std::fs::copy(certificates().join(from), &fresh).unwrap();
        std::fs::rename(fresh, directory.path().join(to)).unwrap();
    };
    put("server.pem", "used.pem");
    put("server.key", "used.key");
    let server = server_with(directory.path(), "used", &["--postgres-listen", "127.0.0.1:0"]);
    assert_eq!(psql(&server, &verified("ca.pem"), "select 1").fine(), "1\n");
    put("renewed.pem", "used.pem");
    // The key is still the old one.
    assert_eq!(psql(&server, &verified("ca.pem"), "select 1").fine(), "1\n");
    assert!(server.log().contains("it is not the key of the certificate"), "{}", server.log());
    put("renewed.key", "used.key");
    assert_eq!(psql(&server, &verified("other-ca.pem"), "select 1").fine(), "1\n");
    assert_ne!(psql(&server, &verified("ca.pem"), "select 1").code, Some(0));
}

#[test]
fn a_client_may_begin_tls_without_asking_if_it_names_the_protocol() {
    let server = server();
    let mut stream = secure(&server, &[b"postgresql"], false);
    log_in(&server, &mut stream);
    stream.write_all(&message(b"Q", b"select 1\0")).unwrap();
    assert_eq!(until_ready(&mut stream).0, b"TDCZ");
    let mut stream = secure(&server, &[], false);
    stream.write_all(&startup()).unwrap();
    let words = last_words(stream);
    assert!(words.contains("08P01") && words.contains("ALPN"), "{words}");
    let mut stream = secure(&server, &[b"http/1.1"], false);
    assert!(
        stream.write_all(&startup()).and_then(|()| stream.flush()).is_err() || last_words(stream).is_empty()
    );
}

#[test]
fn words_in_clear_behind_a_request_for_tls_are_not_taken_for_those_of_the_client() {
    let server = server();
    let mut stream = connect(&server);
    let password = message(b"p", format!("{}\0", server.token()).as_bytes());
    stream.write_all(&[&TLS_REQUEST[..], &startup(), &password].concat()).unwrap();
    let words = last_words(stream);
    assert!(words.starts_with('S') && !words.contains("server_version"), "{words}");
}

#[test]
fn cancel_requests_work_over_tls() {
    let server = server_with(
        &certificates(),
        "server",
        &["--postgres-listen", "127.0.0.1:0", "--query-timeout", "50s"],
    );
    let mut stream = secure(&server, &[], true);
    let key = log_in(&server, &mut stream);
    let endless = "select count(*) from generate_series(1, 300000) a, generate_series(1, 300000) b \
                   where a.value % 7 = b.value % 11\0";
    stream.write_all(&message(b"Q", endless.as_bytes())).unwrap();
    stream.flush().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let mut other = secure(&server, &[b"postgresql"], true);
    other.write_all(&message(b"", &[&80_877_102_u32.to_be_bytes()[..], &key].concat())).unwrap();
    assert_eq!(last_words(other), "", "a cancel request has no answer");
    let (_, error) = until_ready(&mut stream);
    assert!(error.contains("57014") && error.contains("due to user request"), "{error}");
}

#[test]
fn a_certificate_that_cannot_be_used_ends_the_start_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| certificates().join(name).to_str().unwrap().to_owned();
    let (certificate, key, foreign) = (file("server.pem"), file("server.key"), file("renewed.pem"));
    let start = |tls: &[&str]| {
        let mut command = binary();
        command.args(["serve", "--listen", "127.0.0.1:0", "--postgres-listen", "127.0.0.1:0", "--data"]);
        run(command.arg(directory.path().join("data")).args(tls))
    };
    let cases = [
        (vec!["--postgres-tls-certificate", &certificate], "is set without postgres_tls_key"),
        (vec!["--postgres-tls-key", &key], "is set without postgres_tls_certificate"),
        (pair("missing.pem", &key), "missing.pem: there is no such file"),
        (pair(&key, &key), "holds no certificate"),
        (pair(&certificate, &certificate), "holds no private key"),
        (pair(&foreign, &key), "it is not the key of the certificate in"),
    ];
    for (tls, words) in cases {
        let ended = start(&tls);
        assert_ne!(ended.code, Some(0), "{tls:?}");
        assert!(ended.err.contains(words), "{tls:?}: {}", ended.err);
    }
}

fn pair<'a>(certificate: &'a str, key: &'a str) -> Vec<&'a str> {
    vec!["--postgres-tls-certificate", certificate, "--postgres-tls-key", key]
}
