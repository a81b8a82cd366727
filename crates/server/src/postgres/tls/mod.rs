//! TLS on the port: the certificate, and connections with and without it.

pub(crate) mod certificate;
pub(super) mod socket;
