//! The certificate of the port and its key, read from two files, and read again when these have changed: certificates are
//! renewed every few weeks, and nobody restarts a server for that.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use playhead_node::settings::{Settings, TlsFiles};
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{InconsistentKeys, ServerConfig};
use tokio_rustls::{TlsAcceptor, rustls};

use crate::error::Error;

/// The protocol as TLS names it (ALPN).
pub(super) const ALPN: &[u8] = b"postgresql";

/// The certificate in force.
pub(crate) struct Certificate {
    files: TlsFiles,
    loaded: Mutex<Loaded>,
}

struct Loaded {
    config: Arc<ServerConfig>,
    /// How the files looked when they were read last.
    looks: Looks,
}

impl Certificate {
    /// Reads the certificate that the settings name, if they name one.
    ///
    /// # Errors
    ///
    /// If only one of both files is named, or they hold no certificate with its key.
    pub(crate) fn of(settings: &Settings) -> Result<Option<Self>, Error> {
        let (certificate, key) = (&settings.postgres_tls.certificate, &settings.postgres_tls.key);
        match (certificate, key) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {}
            (Some(_), None) => {
                return Err(Error::Setting(
                    "postgres_tls_certificate is set without postgres_tls_key; set both".into(),
                ));
            }
            (None, Some(_)) => {
                return Err(Error::Setting(
                    "postgres_tls_key is set without postgres_tls_certificate; set both".into(),
                ));
            }
        }
        let files = settings.postgres_tls.clone();
        let looks = Looks::of(&files);
        let config = read(&files).map_err(Error::Setting)?;
        Ok(Some(Self { files, loaded: Mutex::new(Loaded { config, looks }) }))
    }

    /// What accepts a connection, with the files as they are now. Files that cannot be used leave the certificate in force.
    pub(super) async fn acceptor(self: &Arc<Self>) -> TlsAcceptor {
        let certificate = self.clone();
        // Only a panic ends it early, and then the certificate in force is as good.
        let _refreshed = tokio::task::spawn_blocking(move || certificate.refresh()).await;
        TlsAcceptor::from(self.loaded.lock().config.clone())
    }

    fn refresh(&self) {
        let looks = Looks::of(&self.files);
        if looks == self.loaded.lock().looks {
            return;
        }
        let read = read(&self.files);
        let mut loaded = self.loaded.lock();
        // Said once for each state of the files.
        match read {
            Ok(config) => {
                loaded.config = config;
                tracing::info!("the certificate of the PostgreSQL port was read again");
            }
            Err(error) if looks != loaded.looks => {
                tracing::warn!(error, "the PostgreSQL port goes on with the certificate that it had");
            }
            Err(_) => {}
        }
        loaded.looks = looks;
    }
}

/// How both files look from outside: a file that was written again or replaced looks different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Looks([Option<(u64, u64, SystemTime)>; 2]);

impl Looks {
    fn of(files: &TlsFiles) -> Self {
        let look = |path: Option<&Path>| {
            let about = std::fs::metadata(path?).ok()?;
            Some((about.ino(), about.len(), about.modified().ok()?))
        };
        Self([look(files.certificate.as_deref()), look(files.key.as_deref())])
    }
}

fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>, String> {
    let (Some(certificate), Some(key)) = (files.certificate.as_deref(), files.key.as_deref()) else {
        return Err("no certificate is set".into());
    };
    let words = |setting: &str, path: &Path, why: &str| format!("{setting}: {}: {why}", path.display());
    let of_certificate = |why: &str| words("postgres_tls_certificate", certificate, why);
    let of_key = |why: &str| words("postgres_tls_key", key, why);

    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain = chain.map_err(|error| of_certificate(&in_words(&error)))?;
    if chain.is_empty() {
        return Err(of_certificate("it holds no certificate in PEM form"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
        PemError::NoItemsFound => of_key("it holds no private key in PEM form, or one with a passphrase"),
        error => of_key(&in_words(&error)),
    })?;
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mut config =
        builder.with_no_client_auth().with_single_cert(chain, secret).map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                of_key(&format!("it is not the key of the certificate in {}", certificate.display()))
            }
            error => of_certificate(&error.to_string()),
        })?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(Arc::new(config))
}

fn in_words(error: &PemError) -> String {
    match error {
        PemError::Io(error) if error.kind() == io::ErrorKind::NotFound => "there is no such file".into(),
        PemError::Io(error) => error.to_string(),
        error => format!("it is not PEM: {error}"),
    }
}
